"""A session function as a stranger's clone might hold it, and kvgen as a process in it."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from kvgen.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(kvgen, tmp_path: Path) -> Path:
    """A session function in JavaScript, called ``s``."""
    assert kvgen("new", "session", "s", "-l", "javascript").exit_code == 0
    return tmp_path / "s"


class Done(NamedTuple):
    """How a command line ended."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, cwd: Path, timeout: int = 20) -> Done:
    """Run kvgen in this process and in a folder; what takes too long, or has no end, fails."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(timeout)
    try:
        with contextlib.chdir(cwd):
            result = CliRunner().invoke(main, [str(a) for a in arguments], prog_name="kvgen")
    finally:
        signal.alarm(0)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def start(*arguments: object, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """Start kvgen as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kvgen", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _too_long(*_: object) -> None:
    raise AssertionError("kvgen does not come to an end")


def git(*arguments: object, cwd: Path) -> str:
    """Run git as a user would, without settings of this machine."""
    names = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
    environment = {
        **os.environ,
        **dict.fromkeys(names, "a@b.example"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
    }
    done = subprocess.run(
        ["git", *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, check=True
    )
    return done.stdout.decode("utf-8", "surrogateescape")


def files(folder: Path) -> dict[str, bytes]:
    """Return every file and link below a folder, hidden ones too."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(folder))] = content
    return found
