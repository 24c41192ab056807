"""What `kvgen demo` runs: functions in a temporary folder, asked one after the other."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from kvgen.cli.terminal import echo, styled
from kvgen.dev.process import function_process
from kvgen.docs.snippets import find_snippet
from kvgen.errors import KvgenError
from kvgen.kv.app import Call
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.add import plan_add
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.function import new_function

#: A function that was made with `kvgen add` and has a handler of its own.
TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Function:
    """A function that runs: what it shows, its language, and its port on 127.0.0.1."""

    what: str
    language: str
    port: int


class Stage:
    """Sends requests to functions, and prints the responses and their KV calls."""

    def __init__(
        self, http: httpx.AsyncClient, calls: list[Call], variables: Mapping[str, str]
    ) -> None:
        self._http, self._calls, self._variables = http, calls, variables

    async def ask(
        self, function: Function, path: str, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a GET, and forget the KV calls of earlier ones."""
        self._calls.clear()
        return await self._http.get(f"http://127.0.0.1:{function.port}{path}", headers=headers)

    async def put_flag(self, name: str, value: str) -> None:
        """Set a flag, as an operator would."""
        kv = self._variables
        keys = f"{kv['TELNYX_BASE_URL']}/v2/storage/kvs/{kv['KV_NAMESPACE_ID']}/keys"
        headers = {"Authorization": f"Bearer {kv['TELNYX_API_KEY']}"}
        url = f"{keys}/flag%2F{name}"
        (await self._http.put(url, content=value, headers=headers)).raise_for_status()

    def print(self, function: Function, request: str, response: httpx.Response, said: str) -> None:
        """Print a request, its status, what of the response matters, and the KV calls."""
        colour = "green" if response.is_success else "red"
        status = styled(str(response.status_code), fg=colour)
        kv = ", ".join(f"kv {call.method} {call.status}" for call in self._calls) or "no kv call"
        head = f"  {function.language:<10}  {request}  "
        echo(head, status, f"  {said}  ", styled(kv, dim=True))


async def start(
    stack: contextlib.AsyncExitStack,
    root: Path,
    what: str,
    language: str,
    environment: Mapping[str, str],
) -> Function | None:
    """Scaffold a function and run it; says why where that cannot be done, and returns None."""
    folder, workdir = root / f"{what}-{language}", root / f"{what}-{language}-work"
    if what == TOGETHER:
        _make_together(folder, language)
    else:
        answers = new_function(load_pattern(what), language, folder.name, {})
        apply_plan(folder, plan_new(folder, answers))
    workdir.mkdir()
    process = function_process(language, folder, workdir, environment)
    try:
        running = await stack.enter_async_context(process)
    except KvgenError as error:
        title = BY_NAME[language].title
        echo(styled(f"  {title} cannot be run here: {error.message}", fg="yellow"), err=True)
        if error.hint:
            echo(f"  Hint: {error.hint}", err=True)
        return None
    return Function(what, language, running.port)


def _make_together(folder: Path, language: str) -> None:
    """Make a session function, add a flag and a cache, and write its handler by hand."""
    answers = new_function(load_pattern("session"), language, folder.name, {"cookie": "visitor"})
    apply_plan(folder, plan_new(folder, answers))
    for name in ("flag", "cache"):
        apply_plan(folder, plan_add(folder, load_pattern(name), {}).plan)
    handler = find_snippet((TOGETHER, language, "handler"))
    (folder / handler.path).write_text(handler.text, encoding="utf-8")
