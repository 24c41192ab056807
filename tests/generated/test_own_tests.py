"""The tests in a scaffold pass with their language's own runner, and fail when it is broken."""

import concurrent.futures
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kvgen.dev.toolchains import find_go, find_node
from tests.behaviour.hosts import HOSTS
from tests.generated.mutants import MUTANTS

_GENERATED = Path(__file__).parents[2] / "generated"
_HANDLER = {"javascript": "handler.js", "python": "function/handler.py", "go": "handler.go"}
_EVERY = sorted(
    (path.parent.name, path.name)
    for path in _GENERATED.glob("*/*")
    if (path / "kvgen.toml").exists()
)


def _run(language, folder):
    commands: dict[str, Callable[[], list[str | Path]]] = {
        # Which reporter is the usual one depends on the release of Node.
        "javascript": lambda: [find_node(), "--test", "--test-reporter=tap"],
        "node18": lambda: [
            *HOSTS["node18"].build(folder, folder)[:1],
            *("--test", "--test-reporter=tap"),
        ],
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
        timeout=60,  # seconds; a test that does not end by itself has failed
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


@pytest.mark.parametrize("example", [e for e in _EVERY if "javascript" in e], indirect=True)
def test_scaffold_passes_its_own_tests_on_the_oldest_node(example):
    _, folder = example
    done = _run("node18", folder)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("pattern", "language"), _EVERY)
def test_scaffold_fails_its_own_tests_however_its_handler_is_broken(tmp_path, pattern, language):
    mutants = MUTANTS[pattern, language]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = {
            name: pool.submit(_run_broken, language, tmp_path / str(number), pattern, *mutant)
            for number, (name, mutant) in enumerate(mutants.items())
        }
    survivors = [name for name, run in runs.items() if run.result().returncode == 0]
    assert survivors == []
    # A mutant that does not even build says nothing about the tests.
    for name, run in runs.items():
        said = run.result().stdout + run.result().stderr
        assert _TESTS_RAN[language] in said, f"{name}: {said}"


_TESTS_RAN = {"javascript": "# pass ", "python": " failed", "go": "--- FAIL: "}


def _run_broken(language, folder, pattern, stands, slip):
    shutil.copytree(_GENERATED / pattern / language, folder)
    handler = folder / _HANDLER[language]
    code = handler.read_text(encoding="utf-8")
    assert code.count(stands) >= 1, f"{stands!r} is not in {handler}"
    handler.write_text(code.replace(stands, slip, 1), encoding="utf-8")
    return _run(language, folder)
