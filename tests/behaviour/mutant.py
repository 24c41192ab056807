"""How `make soak` checks that this suite notices bugs: it puts one into each function.

``KVGEN_TEST_MUTANT`` is a mutant of `tests/soak` as JSON. A folder of its pattern and language has
the text replaced once it is scaffolded. As a plug-in (``-p tests.behaviour.mutant``)
this leaves out what does not ask that one function, in the default expiry mode.
"""

import json
import os
from pathlib import Path

import pytest

from kvgen.scaffold.project import read_project

_VARIABLE = "KVGEN_TEST_MUTANT"
_PATTERNS = ("session", "cache", "flag", "webhook")
_SHARED = ("index", "func", "entry", "kv")
_LONG = ("test_load", "test_timeouts")


def break_if_asked(folder: Path) -> None:
    """Put the bug into a folder that was just scaffolded, if one is asked for and belongs there."""
    mutant = json.loads(os.environ.get(_VARIABLE, "{}"))
    project = read_project(folder)
    if (project.handler, project.language) == (mutant.get("pattern"), mutant.get("language")):
        file = folder / mutant["file"]
        text = file.read_text(encoding="utf-8")
        # With other options than those of the mutant the text may not be there.
        file.write_text(text.replace(mutant["before"], mutant["after"]), encoding="utf-8")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that ask the function with the bug; those that should notice it come first."""
    mutant = json.loads(os.environ[_VARIABLE])
    host = "binding" if "binding" in mutant["options"] else mutant["language"]
    kept = [item for item in items if _asks(item, mutant["pattern"], host)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(kept, key=lambda item: _rank(item.path.stem, mutant))


def _asks(item: pytest.Item, pattern: str, host: str) -> bool:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    named = [name for name in _PATTERNS if name in item.path.stem]
    return (
        params.get("host", params.get("language")) == host
        and params.get("pattern", pattern) == pattern
        and params.get("expiry", "both") == "both"
        and named in ([], [pattern])
    )


def _rank(stem: str, mutant: dict[str, str]) -> int:
    """Return when a file's turn is: what takes long notices little that the rest does not."""
    is_shared = Path(mutant["file"]).stem in _SHARED
    return 2 if stem in _LONG else int((mutant["pattern"] in stem) == is_shared)
