"""Thousands of histories of a folder, other ones in each run."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.regenerate.histories import Histories
from tests.regenerate.killer import Killer


def test_nothing_is_lost_in_thousands_of_histories():
    with Killer() as killer:
        Histories.killer = killer
        run_state_machine_as_test(
            Histories,
            settings=settings(
                max_examples=2000,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
