"""Variables of the platform that are of no use: named in the log, never shown, a 500."""

import pytest

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.hosts import LANGUAGES
from tests.behaviour.visits import Visitor, is_error

pytestmark = pytest.mark.parametrize("host", LANGUAGES)

_NO_URLS = [
    "http://[bad",
    "nonsense",
    "http://127.0.0.1:99999",
    "http://user:secret@127.0.0.1",
    "http://127.0.0.1/%zz",
    "http://127.0.0.1/?query",
    "http://[:::]",
    "http://127.0.0.1:0",
]


def _is_named(function, kv, pattern, line):
    visitor = Visitor(function, pattern, kv)
    for _ in range(2):
        mark = len(function.log())
        assert is_error(visitor.send(), 500, "internal error")
        logged = function.logged_since(mark)
        assert logged.endswith(f"{line}\n")
        assert logged.count("\n") == 1
        assert len(logged) < len(line) + 60  # a time and a level at most, and no stack
        assert visitor.mark not in logged
        assert kv.namespace_id not in logged
    assert function.request("GET", "/health").status_code == 200
    return True


@pytest.mark.parametrize("url", _NO_URLS)
def test_base_url_that_is_none_is_named_and_not_shown(fresh, kv, host, url):
    with fresh("session", host, TELNYX_BASE_URL=url) as function:
        line = "TELNYX_BASE_URL is not an http or https URL"
        assert _is_named(function, kv, "session", line)
        assert url not in function.log()


@pytest.mark.parametrize("url", _NO_URLS)
def test_origin_that_is_none_is_named_and_not_shown(fresh, kv, host, url):
    with fresh("cache", host, ORIGIN_URL=url) as function:
        assert _is_named(function, kv, "cache", "ORIGIN_URL is not an http or https URL")
        assert url not in function.log()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_store_that_cannot_be_addressed_is_an_error_in_every_pattern(fresh, kv, host, pattern):
    with fresh(pattern, host, TELNYX_BASE_URL="http://[bad") as function:
        line = "TELNYX_BASE_URL is not an http or https URL"
        assert _is_named(function, kv, pattern, line)


def test_key_that_no_header_can_hold_is_named_and_not_shown(fresh, kv, host):
    with fresh("session", host, TELNYX_API_KEY="secret\n") as function:
        assert _is_named(function, kv, "session", "TELNYX_API_KEY is not all printable ASCII")
        assert "secret" not in function.log()


@pytest.mark.parametrize("missing", ["KV_NAMESPACE_ID", "TELNYX_API_KEY"])
def test_missing_variable_is_one_short_line(fresh, kv, host, missing):
    with fresh("flag", host, **{missing: ""}) as function:
        assert _is_named(function, kv, "flag", f"{missing} is not set")
