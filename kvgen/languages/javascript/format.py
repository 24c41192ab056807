"""Checks the formatting of JavaScript and TypeScript with Prettier, if it is installed."""

import os
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.tools import PATIENCE
from kvgen.errors import KvgenError
from kvgen.files.commands import find_command
from kvgen.languages.kept import run_tool


def misformatted(folder: Path) -> Iterator[str]:
    """Yield the files of a folder that Prettier would change; KvgenError without a Prettier."""
    prettier = find_command("prettier", folder)
    if not prettier:
        raise KvgenError("there is no Prettier here", "npm install --global prettier")
    command: list[str | Path] = [
        prettier,
        "--list-different",
        "--no-config",
        "--no-editorconfig",
        "**/*.{js,ts}",
    ]
    _, output = run_tool(command, folder, dict(os.environ), PATIENCE)
    yield from output.splitlines()
