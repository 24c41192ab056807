"""`kvgen demo`: the whole thing in one screen, in a temporary folder."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import httpx

from kvgen.dev.embedded import embedded_kv
from kvgen.dev.process import function_process
from kvgen.dev.stand_in import stand_in_origin
from kvgen.errors import KvgenError
from kvgen.kv.app import Call
from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.model import LANGUAGES

# A session goes through every language; a cache and a flag are shown in one each.
_SHOWN = (
    ("session", "python"),
    ("session", "javascript"),
    ("session", "go"),
    ("cache", "javascript"),
    ("flag", "python"),
)


@click.command()
def demo() -> None:
    """See it all in one screen, in three languages over one KV.

    Scaffolds functions into a temporary folder and runs them: one session through all languages,
    a cache miss and hit, and a flag that is flipped. It leaves nothing behind.
    """
    with tempfile.TemporaryDirectory(prefix="kvgen-demo-") as folder:
        missing = asyncio.run(_stoppable(Path(folder).resolve()))
    if missing:
        raise KvgenError(f"not shown: {', '.join(missing)}", "the reasons are above")


@dataclass(frozen=True, slots=True)
class _Function:
    pattern: str
    language: str
    port: int


class _Stage:
    """Asks functions, and prints what they answered and which KV calls that took."""

    def __init__(self, http: httpx.AsyncClient, calls: list[Call]) -> None:
        self._http, self._calls = http, calls

    async def ask(
        self, function: _Function, path: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        self._calls.clear()
        return await self._http.get(f"http://127.0.0.1:{function.port}{path}", headers=headers)

    async def put_flag(self, namespace: str, value: str) -> None:
        headers = {"Authorization": "Bearer kvgen-demo"}
        url = f"{namespace}/keys/flag%2Fnew-ui"
        (await self._http.put(url, content=value, headers=headers)).raise_for_status()

    def print(self, function: _Function, request: str, response: httpx.Response, said: str) -> None:
        status = click.style(response.status_code, fg="green" if response.is_success else "red")
        kv = ", ".join(f"kv {call.method} {call.status}" for call in self._calls) or "no kv call"
        tail = click.style(kv, dim=True)
        click.echo(f"  {function.language:<10}  {request}  {status}  {said}  {tail}")


async def _stoppable(root: Path) -> list[str]:
    """Show everything; a SIGTERM ends it as Ctrl-C does, with nothing left behind."""
    task = asyncio.create_task(_show(root))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise click.Abort from None


async def _show(root: Path) -> list[str]:
    """Show everything; returns the languages that could not be run."""
    click.secho("kvgen demo: scaffold, run and call, over one embedded KV", bold=True)
    calls: list[Call] = []
    async with (
        contextlib.AsyncExitStack() as stack,
        stand_in_origin() as origin,
        embedded_kv(root / "kv.db", calls.append) as variables,
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
    ):
        environment = {**os.environ, **variables, "ORIGIN_URL": origin}
        starts = [
            _start(stack, root, pattern, language, environment) for pattern, language in _SHOWN
        ]
        started = [function for function in await asyncio.gather(*starts) if function]
        stage = _Stage(http, calls)
        await _show_session([f for f in started if f.pattern == "session"], stage)
        await _show_cache([f for f in started if f.pattern == "cache"], stage)
        flag_url = f"{variables['TELNYX_BASE_URL']}/v2/storage/kvs/{variables['KV_NAMESPACE_ID']}"
        await _show_flag([f for f in started if f.pattern == "flag"], stage, flag_url)
    shown = {function.language for function in started}
    return [language for _, language in _SHOWN[:3] if language not in shown]


async def _start(
    stack: contextlib.AsyncExitStack,
    root: Path,
    pattern_name: str,
    language: str,
    environment: Mapping[str, str],
) -> _Function | None:
    name = f"{pattern_name}-{language}"
    folder, workdir = root / name, root / f"{name}-work"
    pattern = load_pattern(pattern_name)
    apply_plan(folder, plan_new(folder, pattern, check_answers(pattern, language, name, {})))
    workdir.mkdir()
    process = function_process(language, folder, workdir, environment, subprocess.DEVNULL)
    try:
        running = await stack.enter_async_context(process)
    except KvgenError as error:
        title = next(entry.title for entry in LANGUAGES if entry.name == language)
        click.secho(f"  {title} cannot be run here: {error.message}", fg="yellow", err=True)
        if error.hint:
            click.echo(f"  Hint: {error.hint}", err=True)
        return None
    return _Function(pattern_name, language, running.port)


async def _show_session(functions: Sequence[_Function], stage: _Stage) -> None:
    _title("One session, counted by a function in each language")
    headers = {"X-Session-ID": secrets.token_hex(16)}
    for function in functions:
        response = await stage.ask(function, "/", headers)
        stage.print(function, "GET /", response, json.dumps(response.json()))


async def _show_cache(functions: Sequence[_Function], stage: _Stage) -> None:
    _title("A cache: the first request asks the origin, the second does not")
    for function in functions:
        for _ in range(2):
            response = await stage.ask(function, "/users")
            stage.print(function, "GET /users", response, f"X-Cache: {response.headers['x-cache']}")


async def _show_flag(functions: Sequence[_Function], stage: _Stage, namespace: str) -> None:
    _title("A flag, flipped while the function runs")
    for function in functions:
        for value in ("false", "true"):
            await stage.put_flag(namespace, value)
            response = await stage.ask(function, "/")
            stage.print(function, "GET /", response, f"X-Flag: {response.headers['x-flag']}")


def _title(text: str) -> None:
    click.echo()
    click.secho(text, fg="cyan")
