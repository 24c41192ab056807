"""The formatters that `kvgen template check` asks."""

import os
from pathlib import Path

import pytest

from kvgen.languages.toolchains import find_node

_PRETTIER = Path(__file__).parents[2] / "build/tools/node_modules/.bin"


@pytest.fixture(autouse=True)
def tools_on_path(monkeypatch):
    """Have Prettier, and the Node that it runs on."""
    paths = [str(_PRETTIER), str(find_node().parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(paths))
