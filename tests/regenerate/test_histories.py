"""Fifty histories of a folder; `make soak` goes through thousands."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.regenerate.histories import Histories
from tests.regenerate.killer import Killer


def test_nothing_is_lost_in_fifty_histories():
    with Killer() as killer:
        Histories.killer = killer
        run_state_machine_as_test(
            Histories,
            settings=settings(
                max_examples=50,
                stateful_step_count=20,
                deadline=None,
                derandomize=True,
                database=None,
            ),
        )
