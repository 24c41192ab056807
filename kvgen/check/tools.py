"""Puts a folder to its language's own tool, which reads a copy of it and runs nothing of it."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.files.signals import to_the_end

_PATIENCE = 300  # seconds; a first build compiles Go's own library
_LONGEST = 200  # characters of what a tool says that are passed on


@contextlib.contextmanager
def copied(contents: Mapping[str, bytes]) -> Iterator[Path]:
    """Yield a folder with these files alone: no link leads out of it, and none changes."""
    with tempfile.TemporaryDirectory(prefix="kvgen-check-") as scratch:
        root = Path(os.path.realpath(scratch), "function")
        root.mkdir()
        for path, content in contents.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        yield root


def run_tool(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a compiler or parser in a folder; raises KvgenError where it does not come to an end.

    What it started itself ends with it, and with kvgen.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,
    )
    try:
        output, errors = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        raise KvgenError(f"{command[0]} took more than {_PATIENCE} s", "try again") from None
    finally:
        to_the_end(lambda: _end(process))
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def trimmed(message: str) -> str:
    """Cut what a tool says to a length that a report can have."""
    return message if len(message) <= _LONGEST else message[:_LONGEST] + "…"


def _end(process: subprocess.Popen[str]) -> None:
    """Kill a tool with all that it has started; nothing where that has ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
