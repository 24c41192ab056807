"""How many examples a property test uses: the suite's number, times the soak's factor."""

import os

from hypothesis import HealthCheck, settings

#: An environment variable; `make soak` sets it.
FACTOR = "KVGEN_TEST_FACTOR"


def examples(count: int) -> settings:
    """Return the settings of a property that the suite tries with so many examples."""
    return settings(
        max_examples=count * int(os.environ.get(FACTOR, "1")),
        deadline=None,  # a formatter's first call is slow, and so is a machine that is busy
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.large_base_example,
            HealthCheck.data_too_large,
        ],
    )
