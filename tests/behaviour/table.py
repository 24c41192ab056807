"""The table that ends a run: each suite against each host, so that a gap is seen at a glance."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from tests.behaviour.hosts import HOSTS

_BAD = ("failed", "error")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many tests of each file passed under each host, and how many did not."""
    cells = Counter(_cells(terminalreporter))
    suites = sorted({suite for suite, _, _ in cells})
    if not suites:
        return
    terminalreporter.section("behaviour: tests passed, by suite and host")
    rows = [
        ["", *HOSTS],
        *([suite, *(_cell(cells, suite, host) for host in HOSTS)] for suite in suites),
    ]
    for line in _aligned(rows):
        terminalreporter.write_line(line)


def _cells(terminalreporter: pytest.TerminalReporter) -> Iterator[tuple[str, str, str]]:
    for outcome in ("passed", *_BAD):
        for report in terminalreporter.stats.get(outcome, []):
            host = dict(getattr(report, "user_properties", ())).get("host")
            if host:
                suite = report.nodeid.partition("::")[0].rpartition("/")[2]
                yield suite.removeprefix("test_").removesuffix(".py"), str(host), outcome


def _cell(cells: Counter[tuple[str, str, str]], suite: str, host: str) -> str:
    passed = cells[suite, host, "passed"]
    failed = sum(cells[suite, host, outcome] for outcome in _BAD)
    if failed:
        return f"{passed}, {failed} FAILED"
    return str(passed or "-")


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *cells])
