"""The tests in a scaffold pass with their language's own runner, and fail when it is broken."""

import concurrent.futures
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from kvgen.languages.toolchains import find_go, find_node
from tests.behaviour.conftest import scaffolded
from tests.behaviour.hosts import HOSTS, LANGUAGES
from tests.generated.mutants import HANDLERS, MUTANTS
from tests.tools import NODE18

#: What tests may depend on: the handler that was chosen, and how lifetimes are stored.
SCAFFOLDS = {
    "session": ("session",),
    "cookie": ("session", "--cookie", "sid"),
    "envelope": ("session", "--expiry", "envelope"),
    "native": ("session", "--expiry", "native"),
    "cache": ("cache",),
    "flag": ("flag",),
    "webhook": ("webhook",),
    "webhook-native": ("webhook", "--expiry", "native"),
}

#: Those whose handlers are broken on purpose: here in one way, by `make soak` in all.
BROKEN = ("session", "cookie", "cache", "flag", "webhook")


def _commands(language: str, folder: Path, once: bool) -> list[list[str | Path]]:
    if language in ("javascript", "typescript", "node18", "binding"):
        node = NODE18 if language == "node18" else find_node((22, 18))
        stand_in = ["--import", "./local.mjs"] if language == "binding" else []
        # Which reporter is the usual one depends on the release of Node.
        return [[node, *stand_in, "--test", "--test-reporter=tap"]]
    if language == "python":
        # Without kvgen's own plug-ins: a user's environment has pytest and what is declared.
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "anyio.pytest_plugin"]
        return [[sys.executable, "-m", "pytest", *options, *(["-x"] if once else [])]]
    if once:
        return [[find_go(), "test", "-failfast", "./..."]]
    return [[find_go(), "vet", "./..."], [find_go(), "test", "-count=2", "./..."]]


def _run(language: str, folder: Path, once: bool = False) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "KV_", "TELNYX_", "NODE_TEST", "ORIGIN_"))
    }
    own = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
    }
    for command in _commands(language, folder, once):
        done = subprocess.run(
            command,
            cwd=folder,
            env=inherited | own,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,  # seconds; a test that does not end by itself has failed
        )
        if done.returncode:
            break
    return done


@pytest.mark.parametrize("language", [*LANGUAGES, "binding"])
@pytest.mark.parametrize("scaffold", SCAFFOLDS)
def test_scaffold_passes_its_own_tests_and_leaves_nothing_behind(tmp_path, language, scaffold):
    assert_passes(tmp_path, scaffold, language)


def test_scaffold_passes_its_own_tests_on_the_oldest_node(tmp_path):
    assert_passes(tmp_path, "session", "node18")


def assert_passes(place: Path, scaffold: str, language: str) -> None:
    """Run the tests of a fresh scaffold, which leave nothing in the folder."""
    pattern, *more = SCAFFOLDS[scaffold]
    host = HOSTS[language]
    folder = scaffolded(place / "function", pattern, host.language, *host.options, *more)
    before = {path for path in folder.rglob("*") if path.is_file()}
    done = _run(language, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scaffold", BROKEN)
def test_scaffold_fails_its_own_tests_where_its_handler_is_broken(tmp_path, scaffold, language):
    first = next(iter(MUTANTS[scaffold, language].items()))
    assert_noticed(tmp_path, scaffold, language, dict([first]))


def assert_noticed(
    place: Path, scaffold: str, language: str, mutants: Mapping[str, tuple[str, str]]
) -> None:
    """Break the handler of a fresh scaffold in each way, and let its tests fail."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = {
            name: pool.submit(_run_broken, language, place / str(number), scaffold, *mutant)
            for number, (name, mutant) in enumerate(mutants.items())
        }
    survivors = [name for name, run in runs.items() if run.result().returncode == 0]
    assert survivors == []
    # A mutant that does not even build says nothing about the tests.
    for name, run in runs.items():
        said = run.result().stdout + run.result().stderr
        assert _TESTS_RAN[language] in said, f"{name}: {said}"


_TESTS_RAN = {
    "javascript": "# pass ",
    "typescript": "# pass ",
    "python": " failed",
    "go": "--- FAIL: ",
}


def _run_broken(
    language: str, folder: Path, scaffold: str, stands: str, slip: str
) -> subprocess.CompletedProcess[str]:
    pattern, *options = SCAFFOLDS[scaffold]
    scaffolded(folder, pattern, language, *options)
    handler = folder / HANDLERS[language]
    code = handler.read_text(encoding="utf-8")
    assert code.count(stands) == 1, f"{stands!r} is {code.count(stands)} times in {handler}"
    handler.write_text(code.replace(stands, slip), encoding="utf-8")
    return _run(language, folder, once=True)
