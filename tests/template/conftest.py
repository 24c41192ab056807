"""The formatters that `kvgen template check` asks."""

import os

import pytest

from kvgen.languages.toolchains import find_node
from tests.tools import PRETTIER


@pytest.fixture(autouse=True)
def tools_on_path(monkeypatch, tmp_path_factory):
    """Have Prettier outside of any project's packages, and the Node that it runs on."""
    place = tmp_path_factory.mktemp("bin")
    (place / "prettier").symlink_to(PRETTIER)
    paths = [str(place), str(find_node().parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(paths))
