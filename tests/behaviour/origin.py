"""An origin on a socket: it sends exactly the bytes it was told, and keeps those it was sent."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.behaviour.gate import Cut, Fault, Stall, stall

_GREETING = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


@dataclass
class Asked:
    """A request that came: its first line's target, and its head as it stood on the wire."""

    method: str
    target: str
    head: str

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            if line.lower().startswith(f"{name.lower()}: "):
                return line.partition(": ")[2]
        return None


@dataclass
class Origin:
    """Answers every request with ``reply``, or with what that makes of the request.

    ``close`` ends the connection after the reply, as needed where it has no length. While it is
    held it answers nothing.
    """

    reply: Fault | Callable[[Asked], Fault] = _GREETING
    close: bool = False
    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connections = 0
        self._stalled: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextlib.contextmanager
    def listening(self) -> Iterator["Origin"]:
        self._thread.start()
        assert self._ready.wait(20), "the origin did not start"
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(20)

    def reset(self) -> None:
        """Answer as at the beginning, and forget what was asked."""
        self.reply, self.close = _GREETING, False
        self.asked = []
        self.release()
        self._loop.call_soon_threadsafe(self._drop)

    def _drop(self) -> None:
        for writer in self._stalled:
            writer.transport.abort()

    def hold(self) -> None:
        """Answer nothing until it is released."""
        self._loop.call_soon_threadsafe(self._released.clear)

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._released.set)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._released = asyncio.Event()
        self._released.set()
        self._tasks: set[object] = set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split(" ", 2)
                asked = Asked(method, target, head)
                self.asked.append(asked)
                await self._released.wait()
                reply = self.reply(asked) if callable(self.reply) else self.reply
                if isinstance(reply, Stall):
                    self._stalled.add(writer)
                    await stall(reply, reader, writer)
                    self._stalled.discard(writer)
                    break
                writer.write(reply)
                await writer.drain()
                if self.close or isinstance(reply, Cut):
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass  # The function went away, which some tests want.
        finally:
            self._tasks.discard(task)
            writer.close()


def reply(body: bytes = b"hello", *headers: str, status: int = 200) -> bytes:
    """Return a whole response with a true Content-Length."""
    lines = [f"HTTP/1.1 {status} Made-Up", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
