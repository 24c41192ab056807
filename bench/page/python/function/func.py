"""The patterns as the documentation page has them, step for step, behind the smallest adapter that
makes them run: what somebody has who started from the page."""

import json
import os
import time
from urllib.parse import quote

import httpx

KEYS = f"{os.environ['TELNYX_BASE_URL']}/v2/storage/kvs/{os.environ['KV_NAMESPACE_ID']}/keys"
AUTHORIZATION = {"Authorization": f"Bearer {os.environ['TELNYX_API_KEY']}"}


async def kv_get(key):
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{KEYS}/{quote(key, safe='')}", headers=AUTHORIZATION)
    if response.status_code == 404:
        return None
    response.raise_for_status()
    return response.text


async def kv_put(key, value):
    async with httpx.AsyncClient() as client:
        url = f"{KEYS}/{quote(key, safe='')}"
        response = await client.put(url, headers=AUTHORIZATION, content=value)
    response.raise_for_status()


async def kv_delete(key):
    async with httpx.AsyncClient() as client:
        await client.delete(f"{KEYS}/{quote(key, safe='')}", headers=AUTHORIZATION)


async def kv_get_with_expiry(key):
    text = await kv_get(key)
    if text is None:
        return None
    envelope = json.loads(text)
    if time.time() * 1000 <= envelope["expires_at"]:
        return envelope["value"]
    await kv_delete(key)
    return None


async def kv_put_with_expiry(key, value, seconds):
    expires_at = int(time.time() * 1000) + seconds * 1000
    await kv_put(key, json.dumps({"value": value, "expires_at": expires_at}))


async def session(path, headers):
    key = f"session/{headers['x-session-id']}"
    text = await kv_get_with_expiry(key)
    data = json.loads(text) if text else {"created": int(time.time()), "views": -1}
    data["views"] += 1
    updated = json.dumps(data)
    await kv_put_with_expiry(key, updated, 86400)
    return updated


async def cache(path, headers):
    key = f"cache/api{path}"
    if cached := await kv_get_with_expiry(key):
        return cached
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{os.environ['ORIGIN_URL']}/data")
    await kv_put_with_expiry(key, response.text, 300)
    return response.text


async def flag(path, headers):
    return "new" if await kv_get("flag/new-ui") == "true" else "old"


HANDLER = {"session": session, "cache": cache, "flag": flag}[os.environ["PATTERN"]]


class Function:
    async def handle(self, scope, receive, send):
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        path = scope["path"]
        body = "" if path == "/health" else await HANDLER(path, headers)
        start = {"type": "http.response.start", "status": 200}
        await send(start | {"headers": [(b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body.encode()})


def new():
    return Function()
