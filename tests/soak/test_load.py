"""Sixty-four clients for a minute, with faults: what `tests/behaviour/test_load.py` cannot show."""

import pytest

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.load import endure


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("host", ["javascript", "python", "knative"])
def test_a_minute_of_load_leaves_nothing_behind(pattern, host):
    found = endure(pattern, host, seconds=60)
    assert found.complaints == []
    answers = found.report.answers
    served = sum(count for kind, count in answers.items() if kind.startswith("200"))
    assert served > 0.5 * sum(answers.values())
