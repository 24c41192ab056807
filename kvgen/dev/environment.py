"""The environment of a function: what the platform would set, and what stands in for it here."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from kvgen.errors import KvgenError

MANIFEST = "func.toml"
DOTENV = ".env"


def function_environment(folder: Path, own: Mapping[str, str]) -> dict[str, str]:
    """Return kvgen's environment with ``[env_vars]`` of func.toml, then .env, then ``own`` over it.

    Raises KvgenError for a func.toml that the platform would refuse as well.
    """
    return {**os.environ, **manifest_variables(folder), **_dotenv(folder), **own}


def manifest_variables(folder: Path) -> dict[str, str]:
    """Return ``[env_vars]`` of a folder's func.toml; values are strings, as the platform has it."""
    path = folder / MANIFEST
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KvgenError(f"{path} does not exist", "kvgen regenerate brings it back") from None
    except (OSError, ValueError) as error:
        raise KvgenError(f"{path}: {error}", "mend it by hand") from None
    variables = table.get("env_vars", {})
    if not isinstance(variables, dict):
        raise KvgenError(f"{path}: env_vars is not a table", "write it as [env_vars]")
    for name, value in variables.items():
        if not isinstance(value, str):
            raise KvgenError(
                f"{path}: env_vars.{name} is not a string", f'write it as {name} = "{value}"'
            )
    return variables


def _dotenv(folder: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    path = folder / DOTENV
    if not path.is_file():
        return {}
    try:
        values = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise KvgenError(f"{path}: {error}", "mend it by hand") from None
    return {name: value for name, value in values.items() if value is not None}
