"""Starts processes that never outlive kvgen: functions, and the tools that build them."""

import contextlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_KEEPER = Path(__file__).with_name("keeper.py")

_running: set["subprocess.Popen[str]"] = set()


def kept(command: Sequence[str | Path]) -> list[str]:
    """Return the command under a keeper, to be started as a session of its own.

    Its stdin has to be a pipe: where the other end is closed, all that it started is killed.
    """
    # Isolated and without site: a few milliseconds, and nothing of the environment counts.
    return [sys.executable, "-I", "-S", str(_KEEPER), *map(str, command)]


def run_tool(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run a build tool to its end; returns its exit code and what it printed."""
    process = subprocess.Popen(
        kept(command),
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    _running.add(process)
    try:
        assert process.stdout is not None
        with process.stdout as printed:
            output = printed.read()
        return process.wait(), output
    finally:
        _running.discard(process)
        _let_go(process)


def end_tools() -> None:
    """End the tools that other threads run: kvgen is about to end."""
    for process in tuple(_running):
        _let_go(process)


def _let_go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
