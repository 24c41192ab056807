"""Formats Python code with black, if it is installed."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from kvgen.check.tools import PATIENCE
from kvgen.errors import KvgenError
from kvgen.languages.kept import run_tool
from kvgen.languages.toolchains import on_path

COMMAND = "black --diff ."


def reformat(folder: Path) -> None:
    """Format the files of a folder; raises KvgenError without a black."""
    found = on_path("black", apart=Path())
    if not find_spec("black") and not found:
        raise KvgenError("there is no black here", "pip install black")
    black = [sys.executable, "-m", "black"] if find_spec("black") else [str(found)]
    options = ["--no-cache", "--config", os.devnull, "."]
    run_tool([*black, *options], folder, dict(os.environ), PATIENCE)
