"""Notices that a function's sources have changed, by looking at them.

A look at a function's folder takes a fraction of a millisecond. The kernel's notices would come a
moment earlier, and not at all in a mounted folder (containers, WSL, network drives), for a folder
that is replaced, or for a path that is not UTF-8; they run out where many programs wait for them,
and one folder that may not be read ends them all.
"""

import asyncio
import time
from collections.abc import Callable

from kvgen.dev.events import Unwatched
from kvgen.dev.sources import Look, Sources
from kvgen.files.repository import Repository

_PAUSE_SECONDS = 0.2
_SHARE = 20  # a look may take this part of the time: large trees are looked at less often
_SETTLE_SECONDS = 0.1  # a checkout or an editor may not be done with the first file
_LONGEST_SETTLING_SECONDS = 3.0

_READ_AT_START = frozenset({".env"})  # git ignores it, as it should


class Watcher:
    """Knows how the sources stood at its last look; the first is taken by ``begin``."""

    def __init__(self, sources: Sources, report: Callable[[Unwatched], None]) -> None:
        self._sources, self._report = sources, report
        self._last = Look({}, {})
        self._took = 0.0
        self._said: set[str] = set()

    async def begin(self) -> None:
        """Take the first look: later ones are compared with it."""
        self._last = await self._look()

    async def changed(self) -> tuple[str, ...]:
        """Return the sources that have changed since the last look, once there are any."""
        while True:
            await asyncio.sleep(max(_PAUSE_SECONDS, self._took * _SHARE))
            before, now = self._last, await self._look()
            if now.files != before.files:
                self._last = await self._settled(now)
                if paths := await asyncio.to_thread(self._difference, before, self._last):
                    return paths

    async def _settled(self, look: Look) -> Look:
        """Look again until nothing changes any more, or for as long as one would wait."""
        deadline = time.monotonic() + _LONGEST_SETTLING_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(_SETTLE_SECONDS)
            before, look = look, await self._look()
            if look.files == before.files:
                break
        return look

    async def _look(self) -> Look:
        began = time.perf_counter()
        look = await asyncio.to_thread(self._sources.look)
        self._took = time.perf_counter() - began
        for path in sorted(look.unreadable.keys() - self._said):
            self._said.add(path)
            self._report(Unwatched(path, look.unreadable[path]))
        return look

    def _difference(self, before: Look, after: Look) -> tuple[str, ...]:
        rules = Repository(self._sources.folder)
        if rules.is_ignored:  # its own rules still tell its sources from what is built
            rules = Repository(self._sources.folder, is_alone=True)
        paths = {path for path, _ in before.files.items() ^ after.files.items()}
        return tuple(sorted(p for p in paths if p in _READ_AT_START or not rules.ignores(p)))
