"""The envelope as generated functions read it."""

import pytest

from kvgen.kv.envelope import unwrap, wrap


def test_what_is_wrapped_is_unwrapped():
    envelope = unwrap(wrap("ü\u2028\x00", 1_700_000_000_000))
    assert envelope is not None
    assert (envelope.value, envelope.expires_at) == ("ü\u2028\x00", 1_700_000_000_000)


def test_equal_is_still_live():
    envelope = unwrap(wrap("x", 1000))
    assert envelope is not None
    assert (envelope.is_expired(1000), envelope.is_expired(1001)) == (False, True)


@pytest.mark.parametrize("expires_at", ["1000.0", "1e3", "-5", "9007199254740992", "0"])
def test_integral_numbers_count(expires_at):
    assert unwrap(f'{{"value":"x","expires_at":{expires_at}}}'.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "null",
        "{}",
        '{"value":"x"}',
        '{"value":1,"expires_at":1}',
        '{"value":"x","expires_at":"1"}',
        '{"value":"x","expires_at":true}',
        '{"value":"x","expires_at":1.5}',
        '{"value":"x","expires_at":NaN}',
        '{"value":"x","expires_at":1e400}',
        '{"value":"x","expires_at":9007199254740994}',
        '{"value":"x","expires_at":1,"more":1}',
        '{"Value":"x","expires_at":1}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_a_bare_value(text):
    assert unwrap(text.encode()) is None


def test_bytes_that_are_no_text_are_a_bare_value():
    assert unwrap(b"\xff\xfe") is None
