"""The behaviour suite against mutants, in a process that imports it once for all of them."""

import contextlib
import io
import json
import os
import signal
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.soak.mutations import Mutant

_ROOT = Path(__file__).parents[2]
_LONGEST = 900  # seconds for one run: of the whole suite, where nothing is noticed
_ARGUMENTS = ("-x", "-q", "--tb=line", "--no-header", "--assert=plain", "-p", "no:cacheprovider")
# What is left open when a test fails is told at the end of a run, where it would be an error.
_LENIENT = ("-p", "no:unraisableexception", "-p", "no:threadexception")


class Report:
    """A plug-in that keeps what failed: tests and what is checked after them, or their set-up."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed: list[str] = []
        self.broken: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            (self.broken if report.when == "setup" else self.failed).append(report.nodeid)
        else:
            self.passed += 1


def noticed(mutant: Mutant) -> tuple[list[str], str]:
    """Run the suite until a test fails; returns the tests that did, and what was printed.

    Raises RuntimeError for a mutant that does not start, or that nothing was asked of: it would
    be a mistake to take that for noticed.
    """
    os.environ["KVGEN_TEST_MUTANT"] = json.dumps(asdict(mutant))
    report, output = Report(), io.StringIO()
    arguments = [
        *_ARGUMENTS,
        *_LENIENT,
        "-p",
        "tests.behaviour.mutant",
        str(_ROOT / "tests/behaviour"),
    ]
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(_LONGEST)
    with contextlib.redirect_stdout(output):
        status = pytest.main(arguments, plugins=[report])
    signal.alarm(0)
    # What breaks after a test has failed does not matter: the function may have died of the bug.
    is_good = status in (0, 1) and (report.failed or (report.passed and not report.broken))
    if not is_good:
        raise RuntimeError(f"{mutant}: {status!r}\n{output.getvalue()}")
    return report.failed, output.getvalue()
