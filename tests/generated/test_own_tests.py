"""The tests in a scaffold pass with their language's own runner, and fail when it is broken."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kvgen.dev.toolchains import find_go, find_node

_GENERATED = Path(__file__).parents[2] / "generated"
_HANDLER = {"javascript": "handler.js", "python": "function/handler.py", "go": "handler.go"}
_EVERY = sorted(
    (path.parent.name, path.name)
    for path in _GENERATED.glob("*/*")
    if (path / "kvgen.toml").exists()
)


def _run(language, folder):
    commands: dict[str, Callable[[], list[str | Path]]] = {
        "javascript": lambda: [find_node(), "--test"],
        # Without kvgen's own plug-ins: a user's environment has pytest and what is declared.
        "python": lambda: [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        "go": lambda: [find_go(), "test", "./..."],
    }
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "KV_", "TELNYX_", "NODE_TEST"))
    }
    return subprocess.run(
        commands[language](),
        cwd=folder,
        env=environment
        | {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-mod=mod",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def example(tmp_path, request):
    pattern, language = request.param
    shutil.copytree(_GENERATED / pattern / language, tmp_path / "example")
    return language, tmp_path / "example"


@pytest.mark.parametrize("example", _EVERY, ids="-".join, indirect=True)
def test_scaffold_passes_its_own_tests_and_leaves_nothing_behind(example):
    language, folder = example
    before = {path for path in folder.rglob("*") if path.is_file()}
    done = _run(language, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path for path in folder.rglob("*") if path.is_file()} == before
