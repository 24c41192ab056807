"""Checks the formatting of Go code with gofmt, which comes with Go."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.tools import PATIENCE
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import find_go, go_environment


def misformatted(folder: Path) -> Iterator[str]:
    """Yield the files of a folder that gofmt would change; raises KvgenError without a Go."""
    environment = go_environment()
    # In a wheel, gofmt is not beside the command but in the root that the command knows.
    go = find_go(apart_from=folder)
    root = subprocess.check_output([go, "env", "GOROOT"], text=True, env=environment)
    gofmt = Path(root.strip()) / "bin" / "gofmt"
    _, output = run_tool([gofmt, "-l", "."], folder, environment, PATIENCE)
    yield from output.splitlines()
