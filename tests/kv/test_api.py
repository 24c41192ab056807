"""Every call of the REST API, over real HTTP: statuses, bodies and headers as documented."""

import contextlib
import socket
import time
import uuid

import pytest

from tests.kv.conftest import KEY, served

_ABSENT = "00000000-0000-4000-8000-000000000000"
_MIB = 1_048_576


def _is_problem(response, status, code=None):
    """Whether it is the documented error body: one error, codes that are strings."""
    assert response.status_code == status, response.text
    (error,) = response.json()["errors"]
    assert set(error) == {"code", "title", "detail", "meta", "source"}
    assert isinstance(error["code"], str)
    assert error["meta"]["url"] == response.request.url.path
    return code is None or error["code"] == code


def test_put_creates_with_201_then_replaces_with_200_and_empty_bodies(kv, keys):
    first = kv.http.put(f"{keys}/a", content=b"1")
    second = kv.http.put(f"{keys}/a", content=b"2")
    assert (first.status_code, first.content) == (201, b"")
    assert (second.status_code, second.content) == (200, b"")
    assert kv.http.get(f"{keys}/a").content == b"2"


@pytest.mark.parametrize("value", [b"", b"\x00\xff\r\n", "ü\u2028".encode(), b"x" * _MIB])
def test_value_comes_back_byte_for_byte(kv, keys, value):
    assert kv.http.put(f"{keys}/v", content=value).status_code == 201
    assert kv.http.get(f"{keys}/v").content == value


def test_value_above_a_mebibyte_is_413_and_nothing_is_written(kv, keys):
    assert _is_problem(kv.http.put(f"{keys}/v", content=b"x" * (_MIB + 1)), 413)
    assert _is_problem(kv.http.get(f"{keys}/v"), 404)


def test_endless_body_is_413_without_being_read_to_its_end(kv, keys):
    head = f"PUT {keys}/v HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", int(kv.url.rsplit(":", 1)[1])), timeout=10) as raw:
        raw.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        assert _sent_until_refused(raw, chunk) < 64 * _MIB


def _sent_until_refused(raw, chunk):
    sent = 0
    with contextlib.suppress(OSError):
        while sent < 64 * _MIB:
            sent += raw.send(chunk)
    return sent


def test_content_type_is_stored_and_echoed(kv, keys):
    kv.http.put(f"{keys}/a", content=b"{}", headers={"Content-Type": "application/json; x=y"})
    kv.http.put(f"{keys}/b", content=b"{}")
    assert kv.http.get(f"{keys}/a").headers["content-type"] == "application/json; x=y"
    assert kv.http.get(f"{keys}/b").headers["content-type"] == "application/octet-stream"


def test_delete_is_200_also_when_absent(kv, keys):
    kv.http.put(f"{keys}/a", content=b"1")
    for _ in range(2):
        response = kv.http.delete(f"{keys}/a")
        assert (response.status_code, response.content) == (200, b"")
    assert _is_problem(kv.http.get(f"{keys}/a"), 404)


def test_slashes_may_be_raw_or_encoded(kv, keys):
    kv.http.put(f"{keys}/user%2F1", content=b"one")
    assert kv.http.get(f"{keys}/user/1").content == b"one"


@pytest.mark.parametrize(
    "key",
    ["a:b", "a b", "a%25", "ä", "x" * 257, "_reserved", "a?b", "a\x00"],
)
def test_illegal_key_is_400_with_its_code_whatever_the_call(kv, keys, key):
    import urllib.parse

    path = f"{keys}/{urllib.parse.quote(key, safe='').replace('.', '%2E')}"
    for method in ("GET", "PUT", "DELETE"):
        assert _is_problem(kv.http.request(method, path), 400, "10015")


@pytest.mark.parametrize(
    "key", ["x" * 256, "-/_=.aZ9", "a_", "a//b", "...", "a/../b", "a/./b", ".."]
)
def test_legal_key_is_taken(kv, keys, key):
    import urllib.parse

    path = f"{keys}/{urllib.parse.quote(key, safe='').replace('.', '%2E')}"
    assert kv.http.put(path, content=b"1").status_code == 201
    assert kv.http.get(path).content == b"1"


@pytest.mark.parametrize("ttl", ["0", "-1", "1.5", "1e3", "abc", "", "9223372037", "٣"])
def test_bad_lifetime_is_422_and_nothing_is_written(kv, keys, ttl):
    assert _is_problem(kv.http.put(f"{keys}/a", params={"ttl_secs": ttl}, content=b"1"), 422)
    assert _is_problem(kv.http.get(f"{keys}/a"), 404)


def test_parameter_called_ttl_is_422(kv, keys):
    assert _is_problem(kv.http.put(f"{keys}/a?ttl=60", content=b"1"), 422)


def test_longest_lifetime_is_taken(kv, keys):
    assert kv.http.put(f"{keys}/a?ttl_secs=9223372036", content=b"1").status_code == 201


def test_key_with_a_lifetime_is_gone_when_that_is_over(kv, keys):
    kv.http.put(f"{keys}/a?ttl_secs=1", content=b"1")
    kv.http.put(f"{keys}/b?ttl_secs=1", content=b"1")
    kv.http.put(f"{keys}/b", content=b"2")  # a plain write ends the lifetime
    assert kv.http.get(f"{keys}/a").status_code == 200
    deadline = time.monotonic() + 10
    while kv.http.get(f"{keys}/a").status_code == 200:
        assert time.monotonic() < deadline
    assert [row["key"] for row in kv.http.get(keys).json()["data"]] == ["b"]
    assert kv.http.put(f"{keys}/a", content=b"1").status_code == 201


def test_listing_has_sizes_and_times_and_never_values(kv, keys):
    kv.http.put(f"{keys}/a", content=b"123")
    page = kv.http.get(keys).json()
    assert page["record_type"] == "storage_kv_key"
    assert page["meta"] == {"has_more": False}
    (row,) = page["data"]
    assert set(row) == {"key", "size_bytes", "updated_at"}
    assert (row["key"], row["size_bytes"]) == ("a", 3)


def test_pages_hold_each_key_once_while_others_write(kv, keys):
    for number in range(25):
        kv.http.put(f"{keys}/key/{number:02}", content=b"1")
    kv.http.put(f"{keys}/other", content=b"1")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = kv.http.get(keys, params={"prefix": "key/", "limit": 4, **cursor}).json()
        seen += [row["key"] for row in page["data"]]
        kv.http.put(f"{keys}/key/00{len(seen)}", content=b"behind the cursor")
        kv.http.delete(f"{keys}/{seen[-1]}")
        if not page["meta"]["has_more"]:
            break
        cursor = {"cursor": page["meta"]["cursor"]}
    assert seen == [f"key/{number:02}" for number in range(25)]
    assert "cursor" not in page["meta"]


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", ""])
def test_bad_limit_is_400(kv, keys, limit):
    assert _is_problem(kv.http.get(keys, params={"limit": limit}), 400)


def test_made_up_cursor_is_400(kv, keys):
    assert _is_problem(kv.http.get(keys, params={"cursor": "£"}), 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_namespace_that_is_absent_or_no_id(kv, method):
    assert _is_problem(kv.http.request(method, f"/v2/storage/kvs/{_ABSENT}/keys/a"), 404)
    assert _is_problem(kv.http.request(method, "/v2/storage/kvs/42/keys/a"), 400)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic x"}])
def test_call_without_a_bearer_is_401(kv, keys, header):
    import httpx

    for method, path in (("GET", keys), ("PUT", f"{keys}/a"), ("POST", "/v2/storage/kvs")):
        assert _is_problem(httpx.request(method, kv.url + path, headers=header), 401)


def test_namespaces_are_created_listed_shown_and_deleted(kv):
    name = f"n-{uuid.uuid4().hex}"
    created = kv.http.post("/v2/storage/kvs", json={"name": name}).json()["data"]
    assert created["record_type"] == "storage_kv"
    assert (created["name"], created["status"]) == (name, "provision_ok")
    path = f"/v2/storage/kvs/{created['id']}"
    assert kv.http.get(path).json()["data"] == created
    assert _is_problem(kv.http.post("/v2/storage/kvs", json={"name": name}), 409)
    assert kv.http.delete(path).json()["data"]["status"] == "deleting"
    assert _is_problem(kv.http.get(path), 404)
    assert _is_problem(kv.http.get(f"{path}/keys/a"), 404)


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "A"}, {"name": "a_b"}, {"name": "x" * 256}, {"name": 1}, []]
)
def test_bad_namespace_name_is_400(kv, body):
    assert _is_problem(kv.http.post("/v2/storage/kvs", json=body), 400)


def test_namespaces_come_in_pages(tmp_path):
    with served(tmp_path / "kv.db") as kv:
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


def test_namespace_answers_409_until_it_is_provisioned(tmp_path):
    with served(tmp_path / "kv.db", "--provision-seconds", "0.5") as kv:
        keys = kv.namespace()
        response = kv.http.put(f"{keys}/a", content=b"1")
        assert _is_problem(response, 409)
        assert "Namespace is not ready (status: pending)" in response.text
        assert kv.http.get(keys.removesuffix("/keys")).json()["data"]["status"] == "pending"
        deadline = time.monotonic() + 10
        while kv.http.put(f"{keys}/a", content=b"1").status_code == 409:
            assert time.monotonic() < deadline


def test_lifetime_needs_a_namespace_that_supports_it(tmp_path):
    with served(tmp_path / "kv.db", "--no-ttl") as kv:
        keys = kv.namespace()
        assert _is_problem(kv.http.put(f"{keys}/a?ttl_secs=60", content=b"1"), 409)
        assert kv.http.put(f"{keys}/a", content=b"1").status_code == 201


def test_api_key_lets_in_that_bearer_only(tmp_path):
    with served(tmp_path / "kv.db", "--api-key", KEY) as kv:
        keys = kv.namespace()
        wrong = {"Authorization": "Bearer another"}
        assert _is_problem(kv.http.get(keys, headers=wrong), 401)
        assert kv.http.get(keys).status_code == 200


def test_quota_beyond_its_limit_is_429(tmp_path):
    with served(tmp_path / "kv.db", "--rate-limit", "3") as kv:
        statuses = [kv.http.get("/v2/storage/kvs").status_code for _ in range(8)]
        assert statuses.count(429) >= 2
        assert statuses[:3] == [200, 200, 200]


def test_unknown_path_and_method_have_the_error_body_too(kv, keys):
    assert _is_problem(kv.http.get("/v2/elsewhere"), 404)
    assert _is_problem(kv.http.post(f"{keys}/a"), 405)


def test_data_survives_the_process(tmp_path):
    with served(tmp_path / "kv.db") as kv:
        keys = kv.namespace()
        kv.http.put(f"{keys}/a", content=b"1")
        kv.process.kill()
    with served(tmp_path / "kv.db") as kv:
        assert kv.http.get(f"{keys}/a").content == b"1"
