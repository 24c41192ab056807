"""Starts processes that never outlive kvgen: functions, and the tools that build them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.files.signals import to_the_end

_KEEPER = Path(__file__).with_name("keeper.py")

_running: set["subprocess.Popen[str]"] = set()


def kept(command: Sequence[str | Path]) -> list[str]:
    """Return the command under a keeper, to be started as a session of its own.

    Its stdin has to be a pipe: where the other end is closed, all that it started is killed.
    """
    # Isolated and without site: a few milliseconds, and nothing of the environment counts.
    return [sys.executable, "-I", "-S", str(_KEEPER), *map(str, command)]


def run_tool(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    patience: float | None = None,
) -> tuple[int, str]:
    """Run a tool to its end; returns its exit code and what it printed.

    What it started itself ends with it, and with kvgen. Raises KvgenError if it takes more than
    ``patience`` seconds.
    """
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
    is_late = threading.Event()

    def give_up() -> None:
        is_late.set()
        _kill(process)

    timer = threading.Timer(patience or 0, give_up)
    try:
        if patience:
            timer.start()
        assert process.stdout is not None
        output = process.stdout.read()
        code = process.wait()
    finally:
        timer.cancel()
        _running.discard(process)
        to_the_end(lambda: _end(process))
    if is_late.is_set():
        raise KvgenError(f"{command[0]} took more than {patience} s", "try again")
    return code, output


def end_tools() -> None:
    """End the tools that other threads run: kvgen is about to end."""
    for process in tuple(_running):
        _kill(process)


def _kill(process: "subprocess.Popen[str]") -> None:
    """Kill a tool with all that it has started, unless it has ended."""
    if process.returncode is None:  # or the number may be another's by now
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _end(process: "subprocess.Popen[str]") -> None:
    _kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
