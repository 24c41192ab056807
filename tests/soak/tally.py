"""What a suite counts, for SECURITY.md."""

import itertools
from collections.abc import Callable, Sequence

import pytest


def tell(
    capsys: pytest.CaptureFixture[str], what: str, tries: int, failures: Sequence[object]
) -> None:
    """Print tries and failures, of which there must be none."""
    with capsys.disabled():
        print(f"\n{what}: {tries:,} tries, {len(failures)} failures")
    assert failures == []


def tried(attempt: Callable[[int], bool]) -> tuple[int, list[AssertionError]]:
    """Call with 1, 2, … until it returns False; returns how often, and what was raised."""
    failures = []
    for number in itertools.count(1):
        try:
            if not attempt(number):
                break
        except AssertionError as error:
            failures.append(error)
    return number - 1, failures
