"""Fresh session ids: nobody can guess them."""

import re

import pytest

from kvgen.scaffold.model import LANGUAGES


@pytest.mark.parametrize("host", [language.name for language in LANGUAGES])
def test_fresh_ids_have_128_random_bits(start, host):
    function = start("session", host)
    ids = [function.request("POST").headers["x-session-id"] for _ in range(50)]
    assert len(set(ids)) == 50
    for session_id in ids:
        bits = 4 if re.fullmatch("[0-9a-f]+", session_id) else 6
        assert len(session_id) * bits >= 128
    # No character is the same in all of them, as it would be in a counter or a clock.
    assert all(len(set(column)) > 1 for column in zip(*ids, strict=True))
