"""Addresses and variables that would lead nowhere: named in the log, and never asked."""

import uuid

import pytest

from kvgen.scaffold.model import LANGUAGES

pytestmark = pytest.mark.parametrize("host", [language.name for language in LANGUAGES])


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("ORIGIN_URL", "http://127.0.0.1:65536", "is not an http or https URL"),
        ("ORIGIN_URL", "http://[127.0.0.1]", "is not an http or https URL"),
        ("ORIGIN_URL", "http://[:::]", "is not an http or https URL"),
        ("TELNYX_API_KEY", "secret\x01", "is not all printable ASCII"),
    ],
)
def test_variable_that_is_no_use_is_named_and_not_shown(fresh, host, variable, value, complaint):
    with fresh("cache", host, **{variable: value}) as function:
        response = function.request("GET", f"/test/{uuid.uuid4().hex}")
        assert (response.status_code, response.json()) == (500, {"error": "internal error"})
        assert f"{variable} {complaint}" in function.log()
        assert value not in function.log()
