"""The console's calls on keys, over each of the stores; the page is for tests/console/."""

import time

import httpx
import pytest

from kvgen.kv.envelope import wrap
from tests.kv.conftest import ON_BOTH_STORES, served

pytestmark = ON_BOTH_STORES


@pytest.fixture
def console(place):
    with served(place, "--console") as kv:
        page, token = kv.said["console"].split("#token=")
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(
            base_url=f"{page}console/api/", headers=headers, trust_env=False, timeout=20
        ) as http:
            yield http


def _listed(console, **query):
    return console.get("keys", params=query).raise_for_status().json()


def test_lifetime_is_listed_by_whatever_ends_first(console):
    now = time.time()
    console.put("keys/envelope", content=wrap("x", int(now + 500) * 1000))
    console.put("keys/ttl", content="x", params={"ttl_secs": 400})
    console.put("keys/both", content=wrap("x", int(now + 500) * 1000), params={"ttl_secs": 300})
    console.put("keys/long", content="x" * 40_000, params={"ttl_secs": 200})
    console.put("keys/neither", content="x")
    rows = {row["key"]: row for row in _listed(console)["keys"]}
    assert rows["neither"]["expires_at"] is None
    for key, seconds in {"envelope": 500, "ttl": 400, "both": 300, "long": 200}.items():
        assert rows[key]["expires_at"] == pytest.approx(now + seconds, abs=3)
    assert rows["long"]["size"] == 40_000


def test_sweep_deletes_expired_envelopes_and_export_has_the_rest(console):
    console.put("keys/a/old", content=wrap("x", 1))
    console.put("keys/a/new", content="value")
    console.put("keys/b", content=b"\xff")
    assert console.delete("expired").json() == {"deleted": 1}
    assert [item["key"] for item in console.get("export").json()] == ["a/new", "b"]
    (item,) = console.get("export", params={"prefix": "a/"}).json()
    assert item["value"] == "value"
    assert console.get("export", params={"prefix": "none"}).json() == []


def test_pages_follow_each_other(console):
    for number in range(60):
        console.put(f"keys/key/{number:02}", content="")
    first = _listed(console, prefix="key/")
    second = _listed(console, prefix="key/", after=first["keys"][-1]["key"])
    assert (first["more"], second["more"]) == (True, False)
    listed = [row["key"] for row in first["keys"] + second["keys"]]
    assert listed == [f"key/{number:02}" for number in range(60)]
