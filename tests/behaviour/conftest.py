"""One KV a worker, and each function started once, when a test first asks for it."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kvgen.cli import main
from tests.behaviour.hosting import Function, Kv, hosted
from tests.behaviour.mutant import break_if_asked
from tests.behaviour.origin import Origin

LANGUAGES = ("javascript", "python", "go")
EXPIRIES = ("envelope", "native", "both")

Start = Callable[..., Function]


@pytest.fixture(scope="session")
def kv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kv]:
    with Kv(tmp_path_factory.mktemp("kv") / "kv.db").serving() as serving:
        yield serving


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    with Origin().listening() as listening:
        yield listening


def scaffolded(folder: Path, pattern: str, language: str, *options: str) -> Path:
    """Scaffold through the command line, as a user does."""
    arguments = ["new", pattern, str(folder), "-l", language, *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    break_if_asked(folder)
    return folder


@pytest.fixture(scope="session")
def start(kv: Kv, origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Return a function of a pattern, language and expiry; the same one for the same question."""
    with contextlib.ExitStack() as stack:
        environment = kv.environment | {"ORIGIN_URL": f"{origin.url}/"}
        functions: dict[tuple[str, ...], Function] = {}

        def started(pattern: str, language: str, expiry: str = "envelope") -> Function:
            question = (pattern, language, expiry)
            if question not in functions:
                root = tmp_path_factory.mktemp("-".join(question))
                folder = scaffolded(root / "function", pattern, language, "--expiry", expiry)
                (root / "work").mkdir()
                host = hosted(folder, root / "work", environment, expiry)
                functions[question] = stack.enter_context(host)
            return functions[question]

        yield started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what needs the same functions on one worker, so that each is started once."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        language = callspec.params.get("language") if callspec else None
        if "behaviour" in item.path.parts and language:
            item.add_marker(pytest.mark.xdist_group(str(language)))
