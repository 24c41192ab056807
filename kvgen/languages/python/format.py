"""Formats Python code with black, if it is installed."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from kvgen.check.tools import PATIENCE
from kvgen.errors import KvgenError
from kvgen.files.commands import find_command
from kvgen.languages.kept import run_tool

COMMAND = "black --diff ."


def reformat(folder: Path) -> None:
    """Format the files of a folder; raises KvgenError without a black."""
    found = find_command("black", folder)
    if not find_spec("black") and not found:
        raise KvgenError("there is no black here", "pip install black")
    black = [sys.executable, "-m", "black"] if find_spec("black") else [str(found)]
    options = ["--no-cache", "--config", os.devnull, str(folder)]
    # Beside the folder: in it, Python would take a file of the folder for one of black's modules.
    run_tool([*black, *options], folder.parent, dict(os.environ), PATIENCE)
