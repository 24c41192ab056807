"""Every call on a key, over real HTTP: statuses, bodies and headers as documented."""

import socket
import time
import urllib.parse

import httpx
import pytest

from tests.kv.conftest import KEY, ON_BOTH_STORES, is_problem, sent_until_refused, served

pytestmark = ON_BOTH_STORES

_ABSENT = "00000000-0000-4000-8000-000000000000"
_MIB = 1_048_576


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
    assert is_problem(kv.http.put(f"{keys}/v", content=b"x" * (_MIB + 1)), 413)
    assert is_problem(kv.http.get(f"{keys}/v"), 404)


def test_endless_body_is_413_without_being_read_to_its_end(kv, keys):
    head = f"PUT {keys}/v HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", int(kv.url.rsplit(":", 1)[1])), timeout=10) as raw:
        raw.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        assert sent_until_refused(raw, chunk) < 64 * _MIB


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
    assert is_problem(kv.http.get(f"{keys}/a"), 404)


def test_slashes_may_be_raw_or_encoded(kv, keys):
    kv.http.put(f"{keys}/user%2F1", content=b"one")
    assert kv.http.get(f"{keys}/user/1").content == b"one"


@pytest.mark.parametrize(
    "key",
    ["a:b", "a b", "a%25", "ä", "x" * 257, "_reserved", "a?b", "a\x00"],
)
def test_illegal_key_is_400_with_its_code_whatever_the_call(kv, keys, key):
    path = f"{keys}/{urllib.parse.quote(key, safe='').replace('.', '%2E')}"
    for method in ("GET", "PUT", "DELETE"):
        assert is_problem(kv.http.request(method, path), 400, "10015")


@pytest.mark.parametrize(
    "key", ["x" * 256, "-/_=.aZ9", "a_", "a//b", "...", "a/../b", "a/./b", ".."]
)
def test_legal_key_is_taken(kv, keys, key):
    path = f"{keys}/{urllib.parse.quote(key, safe='').replace('.', '%2E')}"
    assert kv.http.put(path, content=b"1").status_code == 201
    assert kv.http.get(path).content == b"1"


@pytest.mark.parametrize("ttl", ["0", "-1", "1.5", "1e3", "abc", "", "9223372037", "٣"])
def test_bad_lifetime_is_422_and_nothing_is_written(kv, keys, ttl):
    assert is_problem(kv.http.put(f"{keys}/a", params={"ttl_secs": ttl}, content=b"1"), 422)
    assert is_problem(kv.http.get(f"{keys}/a"), 404)


def test_parameter_called_ttl_is_422(kv, keys):
    assert is_problem(kv.http.put(f"{keys}/a?ttl=60", content=b"1"), 422)


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


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_namespace_that_is_absent_or_no_id(kv, method):
    assert is_problem(kv.http.request(method, f"/v2/storage/kvs/{_ABSENT}/keys/a"), 404)
    assert is_problem(kv.http.request(method, "/v2/storage/kvs/42/keys/a"), 400)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer"}, {"Authorization": "Basic x"}])
def test_call_without_a_bearer_is_401(kv, keys, header):
    for method, path in (("GET", keys), ("PUT", f"{keys}/a"), ("POST", "/v2/storage/kvs")):
        assert is_problem(httpx.request(method, kv.url + path, headers=header), 401)


def test_lifetime_needs_a_namespace_that_supports_it(place):
    with served(place, "--no-ttl") as kv:
        keys = kv.namespace()
        assert is_problem(kv.http.put(f"{keys}/a?ttl_secs=60", content=b"1"), 409)
        assert kv.http.put(f"{keys}/a", content=b"1").status_code == 201


def test_api_key_lets_in_that_bearer_only(place):
    with served(place, "--api-key", KEY) as kv:
        keys = kv.namespace()
        wrong = {"Authorization": "Bearer another"}
        assert is_problem(kv.http.get(keys, headers=wrong), 401)
        assert kv.http.get(keys).status_code == 200


def test_quota_beyond_its_limit_is_429_on_every_call(place):
    with served(place, "--rate-limit", "3") as kv:
        calls = [("GET", "/v2/storage/kvs"), ("POST", "/v2/storage/kvs")]
        calls += [(method, f"/v2/storage/kvs/{_ABSENT}/keys/a") for method in ("GET", "PUT")]
        answers = [kv.http.request(method, path) for method, path in calls * 2]
        assert [answer.status_code for answer in answers] == [200, 400, 404, *[429] * 5]
        assert all(is_problem(answer, 429) for answer in answers[3:])
        assert "retry-after" not in answers[3].headers


def test_unknown_path_and_method_have_the_error_body_too(kv, keys):
    for path in ("/v2/elsewhere", "/", "/v2/storage/kvsx", f"{keys}x", keys[: -len("keys")]):
        assert is_problem(kv.http.get(path), 404)
    refused = kv.http.post(f"{keys}/a")
    assert is_problem(refused, 405)
    assert refused.headers["allow"] == "GET, PUT, DELETE, HEAD"
    assert is_problem(kv.http.put("/v2/storage/kvs"), 405)


def test_head_is_get_without_the_body(kv, keys):
    kv.http.put(f"{keys}/a", content=b"123")
    answer = kv.http.head(f"{keys}/a")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "3", b"")
    assert kv.http.head(f"{keys}/b").status_code == 404


def test_what_is_wrong_first_is_said_first(kv, keys):
    bad = f"{keys}/a%3Ab?ttl_secs=0"
    assert httpx.put(kv.url + bad).status_code == 401
    assert kv.http.put("/v2/storage/kvs/42/keys/a%3Ab?ttl_secs=0").status_code == 400
    assert is_problem(kv.http.put(bad), 400, "10015")
    absent = f"/v2/storage/kvs/{_ABSENT}/keys/a?ttl_secs=0"
    assert kv.http.put(absent).status_code == 404
    assert kv.http.put(f"{keys}/a?ttl_secs=0", content=b"x" * (_MIB + 1)).status_code == 422


def test_namespace_id_is_found_in_capitals_too(kv, keys):
    assert kv.http.put(f"{keys}/a", content=b"1").status_code == 201
    assert kv.http.get(keys.replace(keys.split("/")[4], keys.split("/")[4].upper())).is_success


def test_data_survives_the_process(place):
    with served(place) as kv:
        keys = kv.namespace()
        kv.http.put(f"{keys}/a", content=b"1")
        kv.process.kill()
    with served(place) as kv:
        assert kv.http.get(f"{keys}/a").content == b"1"
