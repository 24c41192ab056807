"""Formats JavaScript and TypeScript with Prettier, if it is installed."""

import os
from pathlib import Path

from kvgen.check.tools import PATIENCE
from kvgen.errors import KvgenError
from kvgen.files.commands import find_command
from kvgen.languages.kept import run_tool

COMMAND = "prettier FILE"


def reformat(folder: Path) -> None:
    """Format the files of a folder; raises KvgenError without a Prettier."""
    prettier = find_command("prettier", folder)
    if not prettier:
        raise KvgenError("there is no Prettier here", "npm install --global prettier")
    command: list[str | Path] = [
        prettier,
        "--write",
        "--no-config",
        "--no-editorconfig",
        "**/*.{js,ts}",
    ]
    run_tool(command, folder, dict(os.environ), PATIENCE)
