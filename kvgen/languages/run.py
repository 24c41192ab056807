"""How functions are run: the shape that each language's `run` module has, and how to get one."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from kvgen.errors import KvgenError
from kvgen.languages.describe import BY_NAME


class BuildError(KvgenError):
    """The user's code does not build; the message is what a tool said, in its own lines."""


class Runner(Protocol):
    """How functions of one language are run; the module `run` of a language is one.

    ``SOURCES`` are the endings of the files that a function of the language is made of, beside
    those that any may read: if one of them changes, the function is restarted.
    """

    SOURCES: tuple[str, ...]

    def build(self, folder: Path, workdir: Path) -> Sequence[str]:
        """Return the command, to be run in the folder; ``workdir`` is a scratch folder of kvgen's.

        Takes its time where something is compiled or installed. Raises KvgenError if the
        toolchain is missing, BuildError if the code does not build.
        """
        ...

    def environment(self, port: int) -> Mapping[str, str]:
        """Return the variables that make the host listen on this port of 127.0.0.1."""
        ...

    def remark(self, folder: Path) -> str | None:
        """Return what is to be said before a build: of the toolchain, or of what takes long."""
        ...


def runner_for(language: str) -> Runner:
    """Return the runner of a language; raises KvgenError if it has none."""
    if language not in BY_NAME:
        raise KvgenError(f"unknown language {language!r}", f"one of {', '.join(BY_NAME)}")
    return cast(Runner, import_module(f"kvgen.languages.{language}.run"))
