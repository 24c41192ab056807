"""Sixty-four clients for a moment; `make soak` has the same for a minute each."""

import pytest

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.hosting import wait_until
from tests.behaviour.load import CONNECTIONS, crowd
from tests.behaviour.resources import measure, most_sockets

# The Knative host stands for Go, since it can be asked for its goroutines.
pytestmark = pytest.mark.parametrize("host", ["javascript", "python", "knative"])

_ROUNDS = 5


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_answer_is_wrong_and_nothing_is_held_on_to(start, kv, origin, host, pattern):
    function = start(pattern, host)
    with crowd(function, kv, origin) as clients:
        report = clients.press(pattern, lambda count: count < _ROUNDS)
    assert report.wrong == []
    assert sum(report.answers.values()) == CONNECTIONS * _ROUNDS
    assert clients.failed
    # Hypercorn lets go of a client that has left after five seconds, which are for the soak.
    held = CONNECTIONS if host == "python" else 0
    most = most_sockets(pattern, CONNECTIONS) + held
    wait_until(lambda: measure(function).sockets <= most, "sockets are left open")
    if host == "knative":  # Each idle connection has two.
        wait_until(
            lambda: (now := measure(function)).goroutines <= 2 * now.sockets + 10,
            "goroutines are left over",
        )
    assert function.process.poll() is None
    assert function.request("GET", "/health").status_code == 200
