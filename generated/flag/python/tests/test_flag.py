"""The value of a flag, for every response of the store."""

import json
import time

import pytest

from function.flag import read_flag

pytestmark = pytest.mark.anyio


def envelope(value, lifetime):
    expires_at = int(time.time() * 1000) + lifetime
    return json.dumps({"value": value, "expires_at": expires_at})


@pytest.mark.parametrize("by_default", [True, False])
@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("true", True),
        ("false", False),
        (" true\n", True),
        (envelope("true", 60_000), True),
        (envelope("true", -1), None),
        (envelope("false", -1), None),
        ("TRUE", None),
        ("", None),
        (None, None),
    ],
)
async def test_flag_is_what_is_stored_or_the_default(
    fake_kv, by_default, stored, expected
):
    if stored is not None:
        fake_kv.values["flag/any"] = stored
    flag = await read_flag("any", by_default, 0)
    assert flag is (by_default if expected is None else expected)


async def test_flag_is_remembered_but_a_failure_is_not(fake_kv):
    fake_kv.failing = 401
    assert await read_flag("kept", False, 60) is False
    fake_kv.failing = None
    for stored in ("true", "false"):
        fake_kv.values["flag/kept"] = stored
        assert await read_flag("kept", False, 60) is True
    assert len(fake_kv.calls) == 2
