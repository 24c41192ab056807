"""The function over HTTP: a session whose id is in a header."""

import json
import time

import pytest

from function.handler import SESSION_HEADER, SESSION_TTL

pytestmark = pytest.mark.anyio

ID = "a-session-id-for-tests"
KEY = f"session/{ID}"
HEADERS = {SESSION_HEADER: ID}


async def test_session_counts_its_requests(client):
    for views, method in enumerate(["GET", "GET", "POST"]):
        response = await client.request(method, "/", headers=HEADERS)
        assert (response.status_code, response.json()["views"]) == (200, views)


async def test_post_without_an_id_starts_a_session(client):
    response = await client.post("/")
    assert (response.status_code, response.json()["views"]) == (201, 0)
    headers = {SESSION_HEADER: response.headers[SESSION_HEADER]}
    assert (await client.get("/", headers=headers)).json()["views"] == 1


async def test_each_request_renews_the_lifetime(client, fake_kv):
    for _ in range(2):
        earliest = int(time.time() * 1000) + SESSION_TTL * 1000
        await client.get("/", headers=HEADERS)
        latest = time.time() * 1000 + SESSION_TTL * 1000
        assert earliest <= json.loads(fake_kv.values[KEY])["expires_at"] <= latest


async def test_other_members_of_a_session_are_kept(client, fake_kv):
    fake_kv.values[KEY] = '{"views": "many", "name": "Ada"}'
    response = await client.get("/", headers=HEADERS)
    assert response.json() == {"views": 1, "name": "Ada"}


async def test_delete_removes_the_session(client, fake_kv):
    await client.get("/", headers=HEADERS)
    response = await client.delete("/", headers=HEADERS)
    assert (response.status_code, response.content) == (204, b"")
    assert fake_kv.values == {}


@pytest.mark.parametrize("ids", [[], [""], ["short"], [ID, ID]], ids=str)
async def test_id_that_is_not_sent_once_and_legal_is_refused(client, fake_kv, ids):
    headers = [(SESSION_HEADER, session_id) for session_id in ids]
    response = await client.get("/", headers=headers)
    assert response.status_code == 400
    assert SESSION_HEADER in response.json()["error"]
    assert fake_kv.calls == []


async def test_other_methods_are_refused(client, fake_kv):
    response = await client.put("/", headers=HEADERS)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, POST, DELETE"
    assert fake_kv.calls == []


async def test_failing_store_is_503(client, fake_kv):
    fake_kv.failing = 401
    response = await client.get("/", headers=HEADERS)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
