"""Runs a folder's function beside an embedded KV, and again whenever a source changes."""

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kvgen.dev.embedded import Guest, embedded_kv
from kvgen.dev.environment import function_environment
from kvgen.dev.events import Broken, Changed, NotSent, Opened, Ready, Remarked, Report
from kvgen.dev.placeholders import Placeholder, StandIns
from kvgen.dev.process import FunctionProcess, function_process
from kvgen.dev.signing import SigningKey, send_event
from kvgen.dev.sources import Sources
from kvgen.dev.tap import Front, Tap
from kvgen.dev.watcher import Watcher
from kvgen.errors import KvgenError
from kvgen.files.temporary import temporary_folder
from kvgen.kv.faults import Faults
from kvgen.kv.location import database_for
from kvgen.kv.server import listen, url_of
from kvgen.kv.stores import Place
from kvgen.languages.run import runner_for

_PORTS_TRIED = 100
_AGAIN = "a change starts it"


@dataclass(frozen=True, slots=True)
class Subject:
    """A folder's function to run, its language, and the variables with a stand-in.

    ``placeholders`` are those of environment variables, by name. ``event`` is a file with an event
    that is sent to the function at each start.
    """

    folder: Path
    language: str
    placeholders: Mapping[str, Placeholder]
    event: Path | None = None


def listen_near(host: str, port: int) -> socket.socket:
    """Bind the first free port from ``port`` on; raises KvgenError if there is none nearby."""
    for candidate in range(port, min(port + _PORTS_TRIED, 65_536)):
        with contextlib.suppress(KvgenError):
            return listen(host, candidate)
    return listen(host, port)


async def develop(
    subject: Subject,
    front: Front,
    place: Place | None,
    report: Report,
    faults: Faults | None = None,
    guest: Guest | None = None,
) -> None:
    """Serve a function on the front's socket until this is cancelled.

    ``place`` is that of the KV's store, by default the folder's own; ``faults`` are the KV's, and
    ``guest`` shares its port. A function that does not build or start is reported, and tried
    again at the next change.
    ``report`` may raise nothing.
    """
    async with embedded_kv(place or database_for(subject.folder), report, faults, guest) as own:
        if guest:
            report(Opened(guest.url(own["TELNYX_BASE_URL"])))
        tap = Tap(report, front.hosts)
        with temporary_folder("dev") as work:
            async with tap.listening(front.listener):
                session = _Session(subject, own, url_of(front.listener), tap, report, work)
                try:
                    await session.run()
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
        work: Path,
    ) -> None:
        self._subject, self._folder, self._own, self._url = subject, subject.folder, own, url
        self._tap, self._report, self._work = tap, report, work
        self._running = contextlib.AsyncExitStack()
        self._key = SigningKey() if subject.event else None
        self._stand_ins = StandIns(subject.placeholders, self._key, report)
        self._was_ready = False
        self._remarks = set[str]()

    async def run(self) -> None:
        """Start the function now and at every change, until this is cancelled."""
        suffixes = runner_for(self._subject.language).SOURCES
        apart = [self._work, *_temporary_folder_in(self._folder)]
        watcher = Watcher(Sources(self._folder, suffixes, apart), self._report)
        await watcher.begin()  # before the start, during which a file may change as well
        await self._start()
        while True:
            self._report(Changed(await watcher.changed()))
            await self._start()

    async def close(self) -> None:
        """Stop what runs."""
        await self._running.aclose()
        await self._stand_ins.close()

    async def _start(self) -> None:
        fresh = contextlib.AsyncExitStack()
        await self._remark()
        try:
            # Its own: the one from before may run on in its.
            workdir = Path(fresh.enter_context(tempfile.TemporaryDirectory(dir=self._work)))
            function = await fresh.enter_async_context(await self._function(workdir))
        except KvgenError as error:
            await fresh.aclose()
            self._report(Broken(error, still_serving=self._tap.port is not None))
            return
        old, self._running = self._running, fresh
        self._tap.lead_to(function.port)
        fresh.enter_context(self._saying_its_end(function))
        self._report(Ready(self._url, self._own["TELNYX_BASE_URL"], is_reload=self._was_ready))
        self._was_ready = True
        fresh.enter_context(self._sending())
        await old.aclose()

    async def _remark(self) -> None:
        with contextlib.suppress(KvgenError):  # which the start reports
            runner = runner_for(self._subject.language)
            remark = await asyncio.to_thread(runner.remark, self._folder)
            if remark and remark not in self._remarks:
                self._remarks.add(remark)
                self._report(Remarked(remark))

    async def _function(
        self, workdir: Path
    ) -> contextlib.AbstractAsyncContextManager[FunctionProcess]:
        if not self._folder.is_dir():
            raise KvgenError(
                f"{self._folder} was removed; the function starts again when it is back"
            )
        environment = function_environment(self._folder, self._own)
        await self._stand_ins.fill(environment)
        language = self._subject.language
        return function_process(language, self._folder, workdir, environment, self._report)

    @contextlib.contextmanager
    def _sending(self) -> Iterator[None]:
        """Send the event while the block runs, if there is one to be sent."""
        sent = asyncio.create_task(self._send())
        try:
            yield
        finally:
            sent.cancel()

    async def _send(self) -> None:
        if self._subject.event and self._key:
            try:
                await send_event(self._url, self._subject.event, self._key)
            except KvgenError as error:
                self._report(NotSent(error))

    @contextlib.contextmanager
    def _saying_its_end(self, function: FunctionProcess) -> Iterator[None]:
        """Report it if the function ends by itself within the block."""

        def say(ended: "asyncio.Task[int]") -> None:
            if self._tap.port == function.port:
                self._tap.port = None
                error = KvgenError(f"the function ended with exit code {ended.result()}", _AGAIN)
                self._report(Broken(error, still_serving=False))

        function.ended.add_done_callback(say)
        try:
            yield
        finally:
            function.ended.remove_done_callback(say)


def _temporary_folder_in(folder: Path) -> Iterator[Path]:
    """Yield the system's temporary folder if it is within the folder."""
    place = Path(os.path.realpath(tempfile.gettempdir()))
    if place != folder and place.is_relative_to(folder):
        yield place
