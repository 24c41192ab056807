"""Runs a Python function: a Python that has its dependencies, with the platform's host."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.languages.python.requirements import must_install, python_for

SOURCES = (".py", ".so")

_HOST = Path(__file__).with_name("host.py")


def build(folder: Path, workdir: Path) -> Sequence[str]:
    """Return the command; see ``Runner``."""
    # -P: what lies in the working directory must not shadow a module of the host's.
    return [str(python_for(folder)), "-P", "-u", str(_HOST), str(folder)]


def environment(port: int) -> Mapping[str, str]:
    """Return the variables that make it listen on a port; see ``Runner``."""
    return {"LISTEN_ADDRESS": f"127.0.0.1:{port}", "PYTHONDONTWRITEBYTECODE": "1"}


def remark(folder: Path) -> str | None:
    """Return that dependencies have to be installed, if they have; see ``Runner``."""
    return "Installing the dependencies in pyproject.toml …" if must_install(folder) else None
