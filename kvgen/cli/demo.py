"""`kvgen demo`: the whole thing in one screen, in a temporary folder."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import httpx

from kvgen.dev.embedded import embedded_kv
from kvgen.dev.process import function_process
from kvgen.errors import KvgenError
from kvgen.kv.app import Call
from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.model import LANGUAGES

_LANGUAGES = ("python", "javascript", "go")


@click.command()
def demo() -> None:
    """See one session counted by three languages over one KV.

    Scaffolds a session function in each language, runs them, and leaves nothing behind.
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
        embedded_kv(root / "kv.db", calls.append) as variables,
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
    ):
        starts = (_start(stack, root, "session", name, variables) for name in _LANGUAGES)
        started = await asyncio.gather(*starts)
        functions = [function for function in started if function]
        await _show_session(functions, http, calls)
    shown = {function.language for function in functions}
    return [language for language in _LANGUAGES if language not in shown]


async def _start(
    stack: contextlib.AsyncExitStack,
    root: Path,
    pattern_name: str,
    language: str,
    variables: dict[str, str],
) -> _Function | None:
    name = f"{pattern_name}-{language}"
    folder, workdir = root / name, root / f"{name}-work"
    pattern = load_pattern(pattern_name)
    apply_plan(folder, plan_new(folder, pattern, check_answers(pattern, language, name, {})))
    workdir.mkdir()
    environment = {**os.environ, **variables}
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


async def _show_session(
    functions: list[_Function], http: httpx.AsyncClient, calls: list[Call]
) -> None:
    _title("One session, counted by a function in each language")
    headers = {"X-Session-ID": secrets.token_hex(16)}
    for function in functions:
        with _kv_calls(calls) as made:
            response = await http.get(f"http://127.0.0.1:{function.port}/", headers=headers)
        _line(function, "GET /", response, json.dumps(response.json()), made)


@contextlib.contextmanager
def _kv_calls(calls: list[Call]) -> Iterator[list[Call]]:
    """Yield a list that holds, after the block, the KV calls that were made in it."""
    made: list[Call] = []
    before = len(calls)
    yield made
    made += calls[before:]


def _title(text: str) -> None:
    click.echo()
    click.secho(text, fg="cyan")


def _line(
    function: _Function, request: str, response: httpx.Response, shown: str, made: list[Call]
) -> None:
    status = click.style(response.status_code, fg="green" if response.is_success else "red")
    kv = ", ".join(f"kv {call.method} {call.status}" for call in made) or "no kv call"
    click.echo(
        f"  {function.language:<10}  {request}  {status}  {shown}  {click.style(kv, dim=True)}"
    )
