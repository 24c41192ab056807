"""Formats JavaScript and TypeScript with Prettier, if it is installed."""

from pathlib import Path

from kvgen.check.tools import PATIENCE
from kvgen.errors import KvgenError
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import node_environment, on_path

COMMAND = "prettier FILE"


def reformat(folder: Path) -> None:
    """Format the files of a folder; raises KvgenError without a Prettier."""
    prettier = on_path("prettier", apart=Path(), installed=True)
    if not prettier:
        raise KvgenError("there is no Prettier here", "npm install --global prettier")
    command: list[str | Path] = [
        prettier,
        "--write",
        "--no-config",
        "--no-editorconfig",
        "**/*.{js,ts}",
    ]
    run_tool(command, folder, node_environment(), PATIENCE)
