"""Listings of keys, over real HTTP: their form, their pages, and nothing twice or missing."""

import threading

import httpx
import pytest

from tests.kv.conftest import ON_BOTH_STORES, is_problem

pytestmark = ON_BOTH_STORES


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
    assert is_problem(kv.http.get(keys, params={"limit": limit}), 400)


def test_made_up_cursor_is_400(kv, keys):
    assert is_problem(kv.http.get(keys, params={"cursor": "£"}), 400)


def test_pages_are_capped(kv, keys):
    assert kv.http.get("/v2/storage/kvs?page[size]=1000").json()["meta"]["page_size"] == 250
    assert kv.http.get("/v2/storage/kvs").json()["meta"]["page_size"] == 20
    beyond = kv.http.get("/v2/storage/kvs?page[number]=1000").json()
    assert beyond["data"] == []
    for number in range(1001):
        kv.http.put(f"{keys}/{number:04}", content=b"")
    for query in ("", "?limit=5000"):
        page = kv.http.get(keys + query).json()
        assert (len(page["data"]), page["meta"]["has_more"]) == (1000, True)
    rest = kv.http.get(keys, params={"cursor": page["meta"]["cursor"]}).json()
    assert [row["key"] for row in rest["data"]] == ["1000"]
    for parameter in ("page[number]", "page[size]"):
        assert is_problem(kv.http.get("/v2/storage/kvs", params={parameter: "0"}), 400)


def test_pages_hold_each_key_once_while_other_clients_write(kv, keys):
    expected = [f"stays/{number:03}" for number in range(300)]
    for key in expected:
        kv.http.put(f"{keys}/{key}", content=b"1")
    stop = threading.Event()

    def write(name):
        with httpx.Client(base_url=kv.url, headers=kv.http.headers) as http:
            number = 0
            while not stop.is_set():
                number += 1
                http.put(f"{keys}/stays/{number % 300:03}-{name}", content=b"1")
                http.delete(f"{keys}/stays/{(number * 7) % 300:03}-{name}")
                http.put(f"{keys}/stays/{number % 300:03}", content=b"again")

    writers = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    try:
        for limit in (7, 50):
            seen = _all_pages(kv, keys, limit)
            assert len(seen) == len(set(seen))
            assert [key for key in seen if key in set(expected)] == expected
    finally:
        stop.set()
        for writer in writers:
            writer.join()


def _all_pages(kv, keys, limit):
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = kv.http.get(keys, params={"limit": limit, **cursor}).json()
        seen += [row["key"] for row in page["data"]]
        if not page["meta"]["has_more"]:
            return seen
        cursor = {"cursor": page["meta"]["cursor"]}
