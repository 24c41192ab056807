"""What every ring of tests stands on: the real command line, in this process or in its own."""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kvgen.cli import main
from tests.behaviour.scheduling import pytest_xdist_make_scheduler
from tests.behaviour.table import pytest_terminal_summary

# A hook is found by its name, in the outermost conftest.
__all__ = ["pytest_terminal_summary", "pytest_xdist_make_scheduler"]

# Nobody debugs the functions of a test, and linking takes a third less time without the tables.
os.environ["GOFLAGS"] = "-ldflags=-w"

Run = Callable[..., Result]

# Behind nohup, or in the background of a script, signals are ignored, and by what is started too.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


def pytest_collection_finish() -> None:
    """Leave the tests themselves, many thousands of objects, to no later garbage collection."""
    gc.freeze()


@pytest.fixture
def kvgen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in this process, in an empty folder and without a terminal."""
    monkeypatch.chdir(tmp_path)
    # Neither the user's data nor the user's credentials have any business in a test.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / ".data"))
    for name in ("KVGEN_TEMPLATES", "KV_NAMESPACE_ID", "TELNYX_API_KEY", "TELNYX_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str, **options: object) -> Result:
        return CliRunner().invoke(main, list(arguments), prog_name="kvgen", **options)  # type: ignore[arg-type]

    return run


def kvgen_process(
    arguments: Sequence[str], before: Sequence[str] = (), **options: object
) -> subprocess.Popen[str]:
    """Start a command line as a process of its own, as a user would."""
    command = [*before, sys.executable, "-m", "kvgen", *arguments]
    return subprocess.Popen(command, text=True, **options)  # type: ignore[call-overload,no-any-return]
