"""The environment of a function: what the platform would set, and what stands in for it here."""

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.toml import read_toml

MANIFEST = "func.toml"
DOTENV = ".env"

_NO_MANIFEST = "telnyx-edge new-func writes one; kvgen new PATTERN DIR --force brings back kvgen's"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def function_environment(folder: Path, own: Mapping[str, str]) -> dict[str, str]:
    """Return kvgen's environment with ``[env_vars]`` of func.toml, then .env, then ``own`` over it.

    Raises KvgenError, with the file and the line, for what no process can be given.
    """
    said = {**os.environ, **manifest_variables(folder), **_dotenv(folder), **own}
    return {**said, **_direct_loopback(said)}


def manifest_variables(folder: Path) -> dict[str, str]:
    """Return ``[env_vars]`` of a folder's func.toml; values are strings, as the platform has it."""
    path = folder / MANIFEST
    text = _text(path)
    if text is None:
        raise KvgenError(f"{path} does not exist", _NO_MANIFEST)
    try:
        variables = read_toml(text).get("env_vars", {})
    except ValueError as error:
        raise KvgenError(f"{path}: {error}", "correct it by hand") from None
    except RecursionError:
        raise KvgenError(f"{path}: nested too deep", "correct it by hand") from None
    if not isinstance(variables, dict):
        raise KvgenError(f"{path}: env_vars is not a table", "write it as [env_vars]")
    for name, value in variables.items():
        if not isinstance(value, str):
            raise KvgenError(
                f"{path}: env_vars.{name} is not a string", f'write it as {name} = "{value}"'
            )
        _check_variable(path, _line_of(text, name), name, value)
    return variables


def _dotenv(folder: Path) -> dict[str, str]:
    from dotenv.parser import parse_stream

    path = folder / DOTENV
    values = {}
    for binding in parse_stream(io.StringIO(_text(path) or "")):
        # The blank lines before it are taken for a part of it.
        line = binding.original.line + _blank_lines_before(binding.original.string)
        if binding.error:
            raise KvgenError(f"{path}, line {line} is not NAME=value", "correct or remove the line")
        if binding.key is not None and binding.value is not None:
            _check_variable(path, line, binding.key, binding.value)
            values[binding.key] = binding.value
    return values


def _text(path: Path) -> str | None:
    """Read a file; None if there is none. Some editors put a byte order mark before the text."""
    try:
        return path.read_text(encoding="utf-8-sig") if path.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise KvgenError(f"{path}: {error}", "correct it by hand") from None


def _check_variable(path: Path, line: int | None, name: str, value: str) -> None:
    """Raise KvgenError for what no process can be given."""
    where = f"{path}, line {line}" if line else str(path)
    if not name or "=" in name or "\0" in name:
        raise KvgenError(
            f"{where}: {name!r} is not the name of a variable", "use letters, digits and _"
        )
    if "\0" in value:
        raise KvgenError(
            f"{where}: the value of {name} contains a NUL character", "remove it, or encode it"
        )


def _line_of(text: str, name: str) -> int | None:
    """Return the line of a key, if it is written as one would."""
    key = re.search(rf"""^[ \t]*(["']?){re.escape(name)}\1[ \t]*=""", text, re.MULTILINE)
    return text.count("\n", 0, key.start()) + 1 if key else None


def _blank_lines_before(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def _direct_loopback(said: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that keep calls to this machine, the KV's above all, from a proxy."""
    if not any(name.lower() in _PROXIES for name in said):
        return {}
    listed = [said[name] for name in ("NO_PROXY", "no_proxy") if said.get(name)]
    value = ",".join(dict.fromkeys([*listed, *_LOOPBACK]))
    return {"NO_PROXY": value, "no_proxy": value}
