"""Formats Go code with gofmt, which comes with Go."""

import subprocess
from pathlib import Path

from kvgen.check.tools import PATIENCE
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import find_go, go_environment

COMMAND = "gofmt -d ."


def reformat(folder: Path) -> None:
    """Format the files of a folder; raises KvgenError without a Go."""
    environment = go_environment()
    # In a wheel, gofmt is not beside the command but in the root that the command knows.
    go = find_go(apart_from=folder)
    root = subprocess.check_output([go, "env", "GOROOT"], text=True, env=environment)
    run_tool([Path(root.strip()) / "bin" / "gofmt", "-w", "."], folder, environment, PATIENCE)
