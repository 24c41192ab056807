"""Every call on a namespace, over real HTTP, as documented or as decided."""

import socket
import time
import uuid

import pytest

from tests.kv.conftest import ON_BOTH_STORES, is_problem, sent_until_refused, served

pytestmark = ON_BOTH_STORES

_MIB = 1_048_576


def test_endless_body_of_a_new_namespace_is_413_too(kv):
    head = "POST /v2/storage/kvs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", int(kv.url.rsplit(":", 1)[1])), timeout=10) as raw:
        raw.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        assert sent_until_refused(raw, chunk) < 64 * _MIB


def test_namespaces_are_created_listed_shown_and_deleted(kv):
    name = f"n-{uuid.uuid4().hex}"
    created = kv.http.post("/v2/storage/kvs", json={"name": name}).json()["data"]
    assert created["record_type"] == "storage_kv"
    assert (created["name"], created["status"]) == (name, "provision_ok")
    path = f"/v2/storage/kvs/{created['id']}"
    assert kv.http.get(path).json()["data"] == created
    assert is_problem(kv.http.post("/v2/storage/kvs", json={"name": name}), 409)
    assert kv.http.delete(path).json()["data"]["status"] == "deleting"
    assert is_problem(kv.http.get(path), 404)
    assert is_problem(kv.http.get(f"{path}/keys/a"), 404)


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "A"}, {"name": "a_b"}, {"name": "x" * 256}, {"name": 1}, []]
)
def test_bad_namespace_name_is_400(kv, body):
    assert is_problem(kv.http.post("/v2/storage/kvs", json=body), 400)


def test_namespaces_come_in_pages(place):
    with served(place) as kv:
        for number in range(5):
            kv.namespace(name=f"page-{number}")
        pages = [
            kv.http.get("/v2/storage/kvs", params={"page[number]": number, "page[size]": 3}).json()
            for number in (1, 2, 3)
        ]
        names = [row["name"] for page in pages for row in page["data"]]
        # The first one is that of kvgen dev, which serve has ready.
        assert names == ["dev", *(f"page-{number}" for number in range(5))]
        assert pages[0]["meta"] == {
            "page_number": 1,
            "page_size": 3,
            "total_pages": 2,
            "total_results": 6,
        }


def test_namespace_answers_409_until_it_is_provisioned(place):
    with served(place, "--provision-seconds", "0.5") as kv:
        keys = kv.namespace()
        response = kv.http.put(f"{keys}/a", content=b"1")
        assert is_problem(response, 409)
        assert "Namespace is not ready (status: pending)" in response.text
        assert kv.http.get(keys.removesuffix("/keys")).json()["data"]["status"] == "pending"
        deadline = time.monotonic() + 10
        while kv.http.put(f"{keys}/a", content=b"1").status_code == 409:
            assert time.monotonic() < deadline


def test_deleting_takes_its_time_and_ends_in_404(place):
    with served(place, "--provision-seconds", "0.5") as kv:
        created = kv.http.post("/v2/storage/kvs", json={"name": "short-lived"}).json()["data"]
        path = f"/v2/storage/kvs/{created['id']}"
        deleted = kv.http.delete(path)  # while it is still pending
        assert (deleted.status_code, deleted.json()["data"]["status"]) == (200, "deleting")
        assert kv.http.get(path).json()["data"] == deleted.json()["data"]
        assert is_problem(kv.http.delete(path), 409)
        assert is_problem(kv.http.post("/v2/storage/kvs", json={"name": "short-lived"}), 409)
        for method in ("GET", "PUT", "DELETE"):
            refused = kv.http.request(method, f"{path}/keys/a")
            assert is_problem(refused, 409)
            assert "Namespace is not ready (status: deleting)" in refused.text
        deadline = time.monotonic() + 10
        while kv.http.get(path).status_code != 404:
            assert time.monotonic() < deadline
        assert is_problem(kv.http.delete(path), 404)
        assert is_problem(kv.http.get(f"{path}/keys/a"), 404)
        again = kv.http.post("/v2/storage/kvs", json={"name": "short-lived"})
        assert again.json()["data"]["id"] != created["id"]
