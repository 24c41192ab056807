"""The example in which all patterns share a function: its handler was written by hand."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kvgen.cli import main
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS, LANGUAGES
from tests.behaviour.origin import reply

_STOREFRONT = Path(__file__).parents[2] / "generated" / "storefront"

pytestmark = pytest.mark.parametrize("host", LANGUAGES)


@pytest.fixture
def function(tmp_path, environment, host):
    with hosted(_STOREFRONT / host, tmp_path, environment, HOSTS[host]) as function:
        yield function


def _cookie(response):
    return response.headers["set-cookie"].partition(";")[0]


def test_visits_are_counted_the_flag_chooses_and_products_are_cached(function, kv, origin, host):
    kv.delete("cache/api/products")
    origin.reply = reply(b'["bread"]', "Content-Type: application/json")
    kv.put("flag/new-layout", "true")
    first = function.request("GET", "/")
    assert first.json() == {"greeting": "Visit number 1", "layout": "new", "products": ["bread"]}
    assert first.headers["x-cache"] == "MISS"
    kv.put("flag/new-layout", "false")
    function.client.cookies.clear()
    second = function.request("GET", "/", headers={"Cookie": _cookie(first)})
    assert second.json() == {"greeting": "Visit number 2", "layout": "old", "products": ["bread"]}
    assert second.headers["x-cache"] == "HIT"
    assert _cookie(second) == _cookie(first)
    assert function.request("GET", "/nope").status_code == 404
    assert function.log() == ""


def test_regeneration_keeps_the_handler(host):
    result = CliRunner().invoke(main, ["regenerate", "--check", "-v", str(_STOREFRONT / host)])
    assert result.exit_code == 0, result.output
    assert any(line.startswith("keep ") and "handler" in line for line in result.output.split("\n"))
