"""The limit: the same round trips, by the leanest program on aiohttp's client. It checks nothing,
has no deadline and no retry, and takes every answer for a good one."""

import json
import os
import time
from urllib.parse import quote

import aiohttp
from yarl import URL

KEYS = f"{os.environ['TELNYX_BASE_URL']}/v2/storage/kvs/{os.environ['KV_NAMESPACE_ID']}/keys/"
AUTHORIZATION = {"Authorization": f"Bearer {os.environ['TELNYX_API_KEY']}"}

clients = []


async def call(method, key, body=None):
    if not clients:
        connector = aiohttp.TCPConnector(limit=0)
        clients.append(aiohttp.ClientSession(connector=connector, headers=AUTHORIZATION))
    url = URL(KEYS + key, encoded=True)
    async with clients[0].request(method, url, data=body) as response:
        return await response.read() if response.status == 200 else None


async def session(path, headers):
    key = f"session%2F{headers[b'x-session-id'].decode()}"
    text = await call("GET", key)
    created = {"created": int(time.time() * 1000), "views": -1}
    data = json.loads(json.loads(text)["value"]) if text else created
    data["views"] += 1
    updated = json.dumps(data)
    expires_at = int(time.time() * 1000) + 86_400_000
    envelope = json.dumps({"value": updated, "expires_at": expires_at})
    await call("PUT", key, envelope.encode())
    return updated.encode()


async def cache(path, headers):
    key = f"cache%2F{quote(path, safe='')}"
    if text := await call("GET", key):
        return json.loads(text)["value"].encode()
    value = "x" * 1000
    expires_at = int(time.time() * 1000) + 300_000
    await call("PUT", key, json.dumps({"value": value, "expires_at": expires_at}).encode())
    return value.encode()


async def flag(path, headers):
    return b"new" if await call("GET", "flag%2Fnew-ui") == b"true" else b"old"


HANDLER = {"session": session, "cache": cache, "flag": flag}[os.environ["PATTERN"]]


class Function:
    async def handle(self, scope, receive, send):
        path = scope["path"]
        body = b"" if path == "/health" else await HANDLER(path, dict(scope["headers"]))
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def new():
    return Function()
