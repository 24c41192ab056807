"""Missing or invalid environment variables: a 500, and the log names them without their values."""

import pytest

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.visits import Visitor, is_error

pytestmark = pytest.mark.parametrize("host", LANGUAGES)

_NO_URL = "is not an http or https URL"
_REQUIRED = [
    *(("session", name) for name in ("KV_NAMESPACE_ID", "TELNYX_API_KEY")),
    *(("flag", name) for name in ("KV_NAMESPACE_ID", "TELNYX_API_KEY")),
    *(("cache", name) for name in ("KV_NAMESPACE_ID", "ORIGIN_URL")),
    *(("webhook", name) for name in ("KV_NAMESPACE_ID", "TELNYX_PUBLIC_KEY")),
]


def _is_named(function, kv, pattern, line):
    visitor = Visitor(function, pattern, kv)
    for _ in range(2):
        mark = len(function.log())
        assert is_error(visitor.send(), 500, "internal error")
        logged = function.logged_since(mark)
        assert line in logged
        assert logged.count("\n") == 1
        assert visitor.mark not in logged
        assert kv.namespace_id not in logged
    assert function.request("GET", "/health").status_code == 200
    return True


@pytest.mark.parametrize(("pattern", "missing"), _REQUIRED)
def test_missing_variable_is_named(fresh, kv, host, pattern, missing):
    with fresh(pattern, host, **{missing: ""}) as function:
        assert _is_named(function, kv, pattern, f"{missing} is not set")


@pytest.mark.parametrize("url", ["nonsense", "http://[bad", "ftp://127.0.0.1/secret"])
@pytest.mark.parametrize(
    ("pattern", "name"), [("session", "TELNYX_BASE_URL"), ("cache", "ORIGIN_URL")]
)
def test_url_that_is_none_is_named_and_not_shown(fresh, kv, host, pattern, name, url):
    with fresh(pattern, host, **{name: url}) as function:
        assert _is_named(function, kv, pattern, f"{name} {_NO_URL}")
        assert url not in function.log()


@pytest.mark.parametrize("pattern", [*PATTERNS[1:], "webhook"])
def test_store_that_cannot_be_addressed_is_no_failing_store(fresh, kv, host, pattern):
    with fresh(pattern, host, TELNYX_BASE_URL="http://[bad") as function:
        assert _is_named(function, kv, pattern, f"TELNYX_BASE_URL {_NO_URL}")


def test_key_that_no_header_can_hold_is_not_shown(fresh, kv, host):
    with fresh("session", host, TELNYX_API_KEY="very\nsecret\r\nkey") as function:
        mark = len(function.log())
        assert Visitor(function, "session", kv).send().status_code in (500, 503)
        logged = function.logged_since(mark)
        assert logged.count("\n") == 1
        assert "secret" not in logged
        assert "\r" not in logged
