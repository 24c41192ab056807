"""Puts a folder to its language's own tool, which reads it and runs nothing of it."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.errors import KvgenError

_PATIENCE = 300  # seconds; a first build compiles Go's own library


def run_tool(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a compiler or parser in a folder; raises KvgenError where it does not come to an end."""
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KvgenError(f"{command[0]} took more than {_PATIENCE} s", "try again") from None
