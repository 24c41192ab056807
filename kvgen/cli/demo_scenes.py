"""The scenes of `kvgen demo`, one pattern after the other over one embedded KV."""

import asyncio
import contextlib
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import httpx

from kvgen.cli.demo_stage import TOGETHER, Function, Stage, start
from kvgen.cli.terminal import echo, styled
from kvgen.dev.embedded import embedded_kv
from kvgen.dev.stand_in import stand_in_origin
from kvgen.kv.app import Call

# A session goes through every language; a cache and a flag are shown in one each.
_SHOWN = (
    ("session", "python"),
    ("session", "javascript"),
    ("session", "typescript"),
    ("session", "go"),
    ("cache", "javascript"),
    ("flag", "python"),
    (TOGETHER, "javascript"),
)
_LANGUAGES = 4  # the sessions come first, one a language


async def show(root: Path) -> list[str]:
    """Show everything; returns the languages that could not be run."""
    echo(styled("kvgen demo: scaffold, run and call, over one embedded KV", bold=True))
    calls: list[Call] = []
    async with (
        contextlib.AsyncExitStack() as stack,
        stand_in_origin() as origin,
        embedded_kv(root / "kv.db", calls.append) as variables,
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
    ):
        environment = {**os.environ, **variables, "ORIGIN_URL": origin}
        starts = [start(stack, root, what, language, environment) for what, language in _SHOWN]
        started = [function for function in await asyncio.gather(*starts) if function]
        stage = Stage(http, calls, variables)
        await _show_session([f for f in started if f.what == "session"], stage)
        await _show_cache([f for f in started if f.what == "cache"], stage)
        await _show_flag([f for f in started if f.what == "flag"], stage)
        await _show_together([f for f in started if f.what == TOGETHER], stage)
    shown = {function.language for function in started}
    return [language for _, language in _SHOWN[:_LANGUAGES] if language not in shown]


async def _show_session(functions: Sequence[Function], stage: Stage) -> None:
    _title("One session, counted by a function in each language")
    headers = {"X-Session-ID": secrets.token_hex(16)}
    for function in functions:
        response = await stage.ask(function, "/", headers)
        stage.print(function, "GET /", response, json.dumps(response.json()))


async def _show_cache(functions: Sequence[Function], stage: Stage) -> None:
    _title("A cache: the first request asks the origin, the second does not")
    for function in functions:
        for _ in range(2):
            response = await stage.ask(function, "/users")
            stage.print(function, "GET /users", response, f"X-Cache: {response.headers['x-cache']}")


async def _show_flag(functions: Sequence[Function], stage: Stage) -> None:
    _title("A flag, flipped while the function runs")
    for function in functions:
        for value in ("false", "true"):
            await stage.put_flag("new-ui", value)
            response = await stage.ask(function, "/")
            stage.print(function, "GET /", response, f"X-Flag: {response.headers['x-flag']}")


async def _show_together(functions: Sequence[Function], stage: Stage) -> None:
    _title("All three in one function: kvgen new session, kvgen add flag, kvgen add cache")
    for function in functions:
        cookie = ""
        for value in ("false", "true"):
            await stage.put_flag("new-layout", value)
            response = await stage.ask(function, "/", {"Cookie": cookie} if cookie else None)
            cookie = response.headers["set-cookie"].partition(";")[0]
            page = response.json()
            said = f"{page['greeting']}, {page['layout']} layout, X-Cache: "
            stage.print(function, "GET /", response, said + response.headers["x-cache"])


def _title(text: str) -> None:
    echo()
    echo(styled(text, fg="cyan"))
