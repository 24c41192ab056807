"""The tests' own catalog."""

from pathlib import Path

import pytest

from tests.unit.catalog import write_catalog


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A templates' root with the patterns count, mark and note, in every language."""
    return write_catalog(tmp_path / "templates")
