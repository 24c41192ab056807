"""The OpenAPI description at /openapi.json: it is there, and it is true."""

import httpx
import pytest

from kvgen.kv import limits
from tests.kv.conftest import KEY, served
from tests.kv.describing import hold_to_description


@pytest.fixture(scope="module")
def kv(tmp_path_factory):
    with served(tmp_path_factory.mktemp("kv") / "kv.db", "--api-key", KEY) as serving:
        yield serving


def test_every_answer_is_as_described(kv, tmp_path):
    hold_to_description(kv, tmp_path, examples=20, seed=1)


def test_description_needs_no_bearer(kv):
    response = httpx.get(f"{kv.url}/openapi.json")
    assert response.headers["content-type"] == "application/json"
    assert response.json()["openapi"] == "3.1.0"


def test_description_has_every_call_and_the_limits(kv):
    description = httpx.get(f"{kv.url}/openapi.json").json()
    calls = {(path, method) for path, item in description["paths"].items() for method in item}
    methods = {"get", "put", "post", "delete"}
    assert {(path, method) for path, method in calls if method in methods} == {
        ("/storage/kvs", "get"),
        ("/storage/kvs", "post"),
        ("/storage/kvs/{id}", "get"),
        ("/storage/kvs/{id}", "delete"),
        ("/storage/kvs/{id}/keys", "get"),
        ("/storage/kvs/{id}/keys/{key}", "get"),
        ("/storage/kvs/{id}/keys/{key}", "put"),
        ("/storage/kvs/{id}/keys/{key}", "delete"),
    }


def test_description_has_the_limits(kv):
    description = httpx.get(f"{kv.url}/openapi.json").json()
    parts = description["components"]
    put = description["paths"]["/storage/kvs/{id}/keys/{key}"]["put"]
    page = parts["schemas"]["KeyPage"]["properties"]["data"]
    assert parts["parameters"]["key"]["schema"]["maxLength"] == limits.LONGEST_KEY
    assert parts["schemas"]["Name"]["maxLength"] == limits.LONGEST_NAME
    assert parts["schemas"]["NamespacePage"]["properties"]["data"]["maxItems"] == (
        limits.MOST_NAMESPACES
    )
    assert put["parameters"][0]["schema"]["maximum"] == limits.LONGEST_TTL
    assert page["maxItems"] == limits.MOST_KEYS
    assert page["items"]["properties"]["size_bytes"]["maximum"] == limits.LARGEST_VALUE
