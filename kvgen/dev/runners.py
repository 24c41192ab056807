"""One runner a language: how a folder becomes a command that serves HTTP on a loopback port."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from kvgen.dev.requirements import python_for
from kvgen.dev.toolchains import find_go, find_node, go_environment
from kvgen.errors import KvgenError


class BuildError(KvgenError):
    """The user's code does not build; the message is what the compiler said, as it is."""


class Runner(Protocol):
    """How functions of one language are run."""

    def build(self, folder: Path, workdir: Path) -> Sequence[str]:
        """Return the command, to be run in ``cwd``; ``workdir`` is a scratch folder of kvgen's.

        Takes its time where something is compiled or installed. Raises KvgenError where the
        toolchain is missing, BuildError where the code does not build.
        """
        ...

    def environment(self, port: int) -> Mapping[str, str]:
        """Return the variables that make the host listen on this port of 127.0.0.1."""
        ...

    def cwd(self, folder: Path, workdir: Path) -> Path:
        """Return the working directory of the function."""
        ...


class _JavaScript:
    def build(self, folder: Path, workdir: Path) -> Sequence[str]:
        return [str(find_node()), "index.js"]

    def environment(self, port: int) -> Mapping[str, str]:
        return {"HOST": "127.0.0.1", "PORT": str(port)}

    def cwd(self, folder: Path, workdir: Path) -> Path:
        return folder


class _Python:
    def build(self, folder: Path, workdir: Path) -> Sequence[str]:
        # -P: what lies in the working directory must not shadow a module of the host's.
        return [str(python_for(folder)), "-P", "-u", str(_PYTHON_HOST), str(folder)]

    def environment(self, port: int) -> Mapping[str, str]:
        return {"LISTEN_ADDRESS": f"127.0.0.1:{port}", "PYTHONDONTWRITEBYTECODE": "1"}

    def cwd(self, folder: Path, workdir: Path) -> Path:
        return folder


class _Go:
    def build(self, folder: Path, workdir: Path) -> Sequence[str]:
        """Compile a host around the folder's package, in a module of its own.

        The user's folder stays clean: ``replace`` points at it, and nothing is written there.
        """
        go = find_go()
        module = workdir / "host"
        module.mkdir(exist_ok=True)
        (module / "main.go").write_bytes(Path(__file__).with_name("host.go.txt").read_bytes())
        (module / "go.mod").write_text(
            "module host\n\ngo 1.24\n\nrequire function v0.0.0\n\n"
            f"replace function => {_go_path(folder)}\n"
        )
        sums = folder / "go.sum"
        if sums.is_file():
            shutil.copy(sums, module / "go.sum")
        binary = module / "function"
        done = subprocess.run(
            [go, "build", "-o", binary, "."],
            cwd=module,
            env=go_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BuildError(done.stderr.strip() or "go build failed")
        return [str(binary)]

    def environment(self, port: int) -> Mapping[str, str]:
        return {"PORT": str(port)}

    def cwd(self, folder: Path, workdir: Path) -> Path:
        return folder


_PYTHON_HOST = Path(__file__).with_name("python_host.py")

_RUNNERS: Mapping[str, Runner] = {"javascript": _JavaScript(), "python": _Python(), "go": _Go()}


def runner_for(language: str) -> Runner:
    """Return the runner of a language; raises KvgenError for one that there is none for."""
    if language not in _RUNNERS:
        raise KvgenError(f"unknown language {language!r}", f"one of {', '.join(_RUNNERS)}")
    return _RUNNERS[language]


def _go_path(folder: Path) -> str:
    """Quote a path for go.mod, whose strings are Go's."""
    escaped = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
