"""`kvgen dev` as a process, as it runs for a person."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from kvgen.cli import main
from tests.behaviour.hosting import wait_until
from tests.conftest import kvgen_process


def scaffolded(folder: Path, pattern: str, language: str, *options: str) -> Path:
    """Scaffold through the command line, as a user does."""
    run_kvgen("new", pattern, str(folder), "-l", language, *options)
    return folder


def run_kvgen(*arguments: str) -> None:
    """Run a command line in this process; AssertionError where it fails."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output


class Dev:
    """A running `kvgen dev`: its output so far, and the function's URL."""

    def __init__(self, process: "subprocess.Popen[str]", output: Path) -> None:
        self.process = process
        self._output = output
        self.http = httpx.Client(timeout=20, trust_env=False)

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    def says(self, text: str, times: int = 1) -> None:
        """Wait until it has said something."""
        wait_until(
            lambda: self.output.count(text) >= times or self.process.poll() is not None,
            f"{text!r} was not said",
        )
        assert self.output.count(text) >= times, self.output

    @property
    def url(self) -> str:
        match = re.search(r"Ready on (\S+), KV on", self.output)
        assert match, self.output
        return match[1]

    def get(self, path: str = "/", **headers: str) -> httpx.Response:
        return self.http.get(self.url + path, headers={"X-Session-ID": "x" * 20, **headers})

    def stop(self) -> None:
        """Send Ctrl-C and wait for the end."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=20)

    def children(self) -> list[int]:
        """Return the processes below it, from the kernel's own table."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(number) for number in listed.split()]


@contextlib.contextmanager
def developing(
    folder: Path, *options: str, before: Sequence[str] = (), **environment: str
) -> Iterator[Dev]:
    """Run `kvgen dev` for the block; ``before`` is put before the command."""
    output = folder.parent / "dev.log"
    with output.open("wb") as log:
        process = kvgen_process(
            ["dev", str(folder), *options],
            before=before,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "XDG_DATA_HOME": str(folder.parent / "data"), **environment},
        )
    dev = Dev(process, output)
    try:
        yield dev
    finally:
        dev.http.close()
        if process.poll() is None:
            dev.stop()


def working_in(folder: Path) -> list[int]:
    """Return the processes whose working directory is a folder, as the kernel has them."""
    numbers = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if os.readlink(place) == str(folder):
                numbers.append(int(place.parent.name))
    return numbers


@pytest.fixture
def folder(tmp_path: Path, language: str) -> Path:
    return scaffolded(tmp_path / "function", "session", language)
