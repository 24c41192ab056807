"""One KV a worker, and each function started once, when a test first asks for it."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kvgen.cli import main
from tests.behaviour.handlers import Handlers
from tests.behaviour.hosting import Built, Function, build, hosted, served
from tests.behaviour.hosts import HOSTS, LANGUAGES, SERVERS, USUAL
from tests.behaviour.mutant import break_if_asked
from tests.behaviour.origin import Origin
from tests.behaviour.store import Kv
from tests.behaviour.webhooks import PUBLIC_KEY

PATTERNS = ("session", "cache", "flag")
EXPIRIES = ("both", "envelope", "native")  # the first is the default

Start = Callable[..., Function]

#: For tests whose outcome a language might change, and for those whose outcome a server might.
each_host = pytest.mark.parametrize("host", USUAL)
each_server = pytest.mark.parametrize("host", SERVERS)

#: For tests of what is stored: every expiry mode, and every host in the default one.
everywhere = pytest.mark.parametrize(
    ("host", "expiry"),
    [(host, expiry) for host in USUAL for expiry in EXPIRIES[: 3 if host in LANGUAGES else 1]],
)


@pytest.fixture(scope="session")
def kv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kv]:
    with Kv(tmp_path_factory.mktemp("kv") / "kv.db").serving() as serving:
        yield serving


@pytest.fixture(scope="session")
def origin() -> Iterator[Origin]:
    with Origin().listening() as listening:
        yield listening


@pytest.fixture(autouse=True)
def _origin_as_at_the_beginning(origin: Origin) -> None:
    origin.reset()


@pytest.fixture
def expiry() -> str:
    """Tests that do not ask for every mode run in the default one."""
    return EXPIRIES[0]


def scaffolded(folder: Path, pattern: str, language: str, *options: str) -> Path:
    """Scaffold through the command line, as a user does."""
    arguments = ["new", pattern, str(folder), "-l", language, *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    break_if_asked(folder)
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Built]:
    """Scaffold and build a pattern for a host; the same one for the same question."""
    known: dict[tuple[str, ...], Built] = {}

    def scaffold_and_build(pattern: str, host: str, *options: str) -> Built:
        question = (pattern, host, *options)
        if question not in known:
            root = tmp_path_factory.mktemp(f"{pattern}-{host}")
            own = HOSTS[host].options
            folder = scaffolded(root / "function", pattern, HOSTS[host].language, *own, *options)
            (root / "work").mkdir()
            known[question] = build(HOSTS[host], folder, root / "work")
        return known[question]

    return scaffold_and_build


@pytest.fixture(scope="session")
def environment(kv: Kv, origin: Origin) -> dict[str, str]:
    """What the platform would set."""
    own = {"ORIGIN_URL": f"{origin.url}/", "TELNYX_PUBLIC_KEY": PUBLIC_KEY}
    return kv.environment | own


@pytest.fixture(scope="session")
def start(built: Callable[..., Built], environment: dict[str, str]) -> Iterator[Start]:
    """Return a running function of a pattern, host and options; the same for the same question."""
    with contextlib.ExitStack() as stack:
        functions: dict[tuple[str, ...], Function] = {}

        def started(pattern: str, host: str, expiry: str = EXPIRIES[0], *options: str) -> Function:
            question = (pattern, host, expiry, *options)
            if question not in functions:
                mode = ["--expiry", expiry] if expiry != EXPIRIES[0] else []
                ready = built(pattern, host, *mode, *options)
                functions[question] = stack.enter_context(served(ready, environment))
            return functions[question]

        yield started


@pytest.fixture(scope="module")
def started_with(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> Iterator[Callable[[str, Handlers], Function]]:
    """Return a running function with a handler of the test's own, the same within a module."""
    with contextlib.ExitStack() as stack:
        functions: dict[tuple[str, str], Function] = {}

        def started(host: str, handlers: Handlers) -> Function:
            question = handlers.pattern, host
            if question not in functions:
                root = tmp_path_factory.mktemp(f"own-{host}")
                language, own = HOSTS[host].language, HOSTS[host].options
                folder = scaffolded(root / "function", handlers.pattern, language, *own)
                handlers.write(folder, HOSTS[host].language)
                (root / "work").mkdir()
                running = hosted(folder, root / "work", environment, HOSTS[host])
                functions[question] = stack.enter_context(running)
            return functions[question]

        yield started


@pytest.fixture
def fresh(
    built: Callable[..., Built], environment: dict[str, str]
) -> Callable[..., contextlib.AbstractContextManager[Function]]:
    """Start a function of one's own: with other options, to kill it, or to starve it."""

    def started(
        pattern: str, host: str, *options: str, **changed: str
    ) -> contextlib.AbstractContextManager[Function]:
        return served(built(pattern, host, *options), environment | changed)

    return started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell each test's host to the table."""
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        host = params.get("host")
        if host in HOSTS and "behaviour" in item.path.parts:
            item.user_properties.append(("host", host))
