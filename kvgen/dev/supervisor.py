"""Runs a folder's function beside an embedded KV, and again whenever a file changes."""

import asyncio
import contextlib
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvgen.dev.embedded import embedded_kv
from kvgen.dev.environment import function_environment
from kvgen.dev.process import FunctionProcess, function_process
from kvgen.dev.stand_in import stand_in_origin
from kvgen.dev.tap import Answered, Tap
from kvgen.errors import KvgenError
from kvgen.kv.app import Call
from kvgen.kv.faults import Faults
from kvgen.kv.location import database_for
from kvgen.kv.server import listen, url_of

_PORTS_TRIED = 100


@dataclass(frozen=True, slots=True)
class Ready:
    """The function answers; the first time and after each reload."""

    url: str
    kv_url: str
    is_reload: bool


@dataclass(frozen=True, slots=True)
class StoodIn:
    """A variable still has its placeholder, and a stand-in answers in its place."""

    variable: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is run: a folder's function, in a language, and what a stand-in may answer for.

    ``placeholders`` are the values of environment variables, by name, for which there is nobody.
    """

    folder: Path
    language: str
    placeholders: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changed:
    """Files have changed, and the function is being started anew."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """The function does not run: what was said, and whether an earlier one still answers."""

    error: KvgenError
    still_serving: bool


Event = Ready | StoodIn | Changed | Broken | Answered | Call
Report = Callable[[Event], None]


def listen_near(host: str, port: int) -> socket.socket:
    """Bind the first free port from ``port`` on; raises KvgenError where there is none nearby."""
    for candidate in range(port, min(port + _PORTS_TRIED, 65_536)):
        with contextlib.suppress(KvgenError):
            return listen(host, candidate)
    return listen(host, port)


async def develop(
    subject: Subject,
    listener: socket.socket,
    data: Path | None,
    report: Report,
    stop: asyncio.Event,
    faults: Faults | None = None,
) -> None:
    """Serve a function on the listener until ``stop`` is set.

    ``data`` is the KV's database, by default the folder's own; ``faults`` are the KV's. A
    function that does not build or start is reported, and tried again at the next change.
    """
    async with embedded_kv(data or database_for(subject.folder), report, faults) as own:
        tap = Tap(report)
        async with tap.listening(listener):
            session = _Session(subject, own, url_of(listener), tap, report)
            try:
                await session.run(stop)
            finally:
                await session.close()


class _Session:
    """The function's processes one after the other: the new one takes over once it is healthy."""

    def __init__(
        self,
        subject: Subject,
        own: Mapping[str, str],
        url: str,
        tap: Tap,
        report: Report,
    ) -> None:
        self._subject, self._folder, self._own, self._url = subject, subject.folder, own, url
        self._tap, self._report = tap, report
        self._running, self._beside = contextlib.AsyncExitStack(), contextlib.AsyncExitStack()
        self._origin: str | None = None
        self._work = Path(tempfile.mkdtemp(prefix="kvgen-dev-"))
        self._starts = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Start the function now and at every change, until ``stop`` is set."""
        # Imported here: the watcher is native code that no other command needs.
        from watchfiles import awatch

        changes = awatch(self._folder, stop_event=stop, debounce=300)
        stopped = asyncio.create_task(stop.wait())
        try:
            await _first(stopped, self._start())
            while not stop.is_set():
                changed = await _first(stopped, anext(changes, None))
                if changed:
                    paths = {str(Path(p).relative_to(self._folder)) for _, p in changed}
                    self._report(Changed(tuple(sorted(paths))))
                    await _first(stopped, self._start())
        finally:
            stopped.cancel()

    async def _stand_in(self, variable: str) -> str:
        """Return the stand-in's URL; it is started when it is first needed."""
        if self._origin is None:
            self._origin = await self._beside.enter_async_context(stand_in_origin())
            self._report(StoodIn(variable))
        return self._origin

    async def close(self) -> None:
        """Stop what runs."""
        await self._running.aclose()
        await self._beside.aclose()
        shutil.rmtree(self._work, ignore_errors=True)

    async def _start(self) -> None:
        self._starts += 1
        workdir = self._work / str(self._starts % 2)  # the old one's stays while it runs
        workdir.mkdir(exist_ok=True)
        fresh = contextlib.AsyncExitStack()
        try:
            environment = function_environment(self._folder, self._own)
            for variable, placeholder in self._subject.placeholders.items():
                if environment.get(variable, placeholder) == placeholder:
                    environment[variable] = await self._stand_in(variable)
            function = await fresh.enter_async_context(
                function_process(self._subject.language, self._folder, workdir, environment)
            )
        except KvgenError as error:
            self._report(Broken(error, still_serving=self._tap.port is not None))
            return
        old, self._running = self._running, fresh
        self._tap.lead_to(function.port)
        fresh.callback(_watch_end(function, self._tap, self._report).cancel)
        self._report(Ready(self._url, self._own["TELNYX_BASE_URL"], is_reload=self._starts > 1))
        await old.aclose()


def _watch_end(function: FunctionProcess, tap: Tap, report: Report) -> "asyncio.Task[None]":
    async def watch() -> None:
        code = await function.process.wait()
        if tap.port == function.port:
            tap.port = None
            ended = KvgenError(f"the function ended with exit code {code}", "a change starts it")
            report(Broken(ended, still_serving=False))

    return asyncio.create_task(watch())


async def _first(stopped: "asyncio.Task[bool]", wanted: Any) -> Any:
    """Await ``wanted``, or cancel it when kvgen is to stop; None in that case."""
    task = asyncio.ensure_future(wanted)
    await asyncio.wait({stopped, task}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        return task.result()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return None
