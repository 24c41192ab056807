"""The console of one run: what it knows, and the application that shows it."""

import secrets
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from kvgen.console.app import Calls, ConsoleApp
from kvgen.console.bus import Bus, encoded
from kvgen.console.faults import FaultSwitches
from kvgen.console.journal import Journal
from kvgen.console.keys import Keys
from kvgen.console.record import Recorder
from kvgen.console.sending import Sender
from kvgen.kv.faults import Faults
from kvgen.kv.hosts import Hosts
from kvgen.kv.interface import Storage
from kvgen.kv.records import Namespace


class Console:
    """What pages see of a run: of `kvgen dev` with a function, of `kvgen kv serve` without.

    ``function`` is its URL, ``flags`` are the names of those that its folder declares.
    """

    def __init__(self, faults: Faults, function: str = "", flags: Sequence[str] = ()) -> None:
        self.token = secrets.token_hex(16)
        self._bus = Bus()
        self._journal = Journal(self._bus)
        self.record = Recorder(self._journal).record
        self._faults = FaultSwitches(faults, self._bus)
        self._function, self._flags = function, list(flags)

    def in_front_of(self, kv: ASGIApp, store: Storage, space: Namespace, hosts: Hosts) -> ASGIApp:
        """Return the application for the KV's port."""
        keys = Keys(store, space, self._bus)
        calls: Calls = {
            "events": {"GET": lambda request: self._events(request, space)},
            "entries": {"DELETE": self._clear},
            **keys.calls,
            **self._faults.calls,
            **(Sender(self._function).calls if self._function else {}),
        }
        return ConsoleApp(kv, calls, hosts, self.token)

    def close(self) -> None:
        """End the streams of all pages."""
        self._bus.close()

    def url(self, kv_url: str) -> str:
        """Return the page's address; a fragment is never sent, nor written to a server's log."""
        return f"{kv_url}/#token={self.token}"

    async def _events(self, _: Request, space: Namespace) -> Response:
        hello = {
            "type": "hello",
            "function": self._function,
            "namespace": space.name,
            "flags": self._flags,
            "entries": self._journal.entries(),
            "faults": self._faults.rows(),
        }
        return StreamingResponse(self._bus.stream(encoded(hello)), media_type="text/event-stream")

    async def _clear(self, _: Request) -> Response:
        self._journal.clear()
        return Response(status_code=204)
