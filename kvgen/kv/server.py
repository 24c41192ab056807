"""Serves the embedded KV on this machine.

Uvicorn with httptools on uvloop, by measurement (bench/kv/choices.py; CPU time of a read and of a
write at 16 connections, in microseconds): as it is 34 and 41, on asyncio's loop 41 and 47, with h11
90 and 98, under granian 66 and 96, under hypercorn 138 and 139; with a transaction for each write
35 and 58, with synchronous=FULL 45 and 82, without durability at all 35 and 44.
"""

import asyncio
import contextlib
import errno
import functools
import logging
import socket
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from kvgen.errors import KvgenError
from kvgen.kv import bounds
from kvgen.kv.crowd import Crowd
from kvgen.kv.faults import CutConnectionError
from kvgen.kv.interface import Storage, StoreError
from kvgen.kv.protocol import GuardedProtocol

_WATCH_SECONDS = 0.5
#: Connections that are accepted in a row: before others are closed for them, each is a descriptor.
ACCEPTED_AT_ONCE = 32
#: Connections that may wait for that. Beyond it a client tries again after a second.
BACKLOG = 1024
_SWEEP_SECONDS = 30.0
_SWEEP_MOST = 500  # keys in one transaction


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it, who may have other things to stop as well."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def] # a generator, as in the base class
        yield


@contextlib.asynccontextmanager
async def sweeping(store: Storage) -> AsyncIterator[None]:
    """Remove what has expired while the block runs, now and then."""
    task = asyncio.create_task(_sweep(store))
    try:
        yield
    finally:
        task.cancel()


async def _sweep(store: Storage) -> None:
    # In steps, so that no request has to wait for long.
    calls = store.calls()
    while True:
        try:
            is_done = await calls.run(lambda: store.sweep(_SWEEP_MOST)) < _SWEEP_MOST
        except StoreError:
            is_done = True  # a disk may have room the next time
        await asyncio.sleep(_SWEEP_SECONDS if is_done else 0)


def listen(host: str, port: int) -> socket.socket:
    """Bind a port, 0 for a free one; raises KvgenError if it is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol by name: asyncio turns Nagle's algorithm off only for sockets that have it,
    # and a head and a body in two packets would wait 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "the port is in use" if taken else str(error)
        raise KvgenError(f"cannot listen on {host}:{port}: {reason}", "try --port 0") from None
    listener.listen(BACKLOG)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address of a socket that listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.asynccontextmanager
async def running(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve the app while the block runs; the socket is closed with it."""
    crowd: Crowd[GuardedProtocol] = Crowd()
    config = uvicorn.Config(
        app,
        http=functools.partial(GuardedProtocol, crowd),  # type: ignore[arg-type] # makes one
        ws="none",
        backlog=ACCEPTED_AT_ONCE,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # There is no proxy in front, and a check for one would slow every call.
        proxy_headers=False,
    )
    config.load()
    logging.getLogger("uvicorn.error").addFilter(_is_unexpected)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
    listener.listen(BACKLOG)  # the event loop takes the two for the same
    watching = asyncio.create_task(_watch(crowd))
    try:
        yield
    finally:
        watching.cancel()
        server.should_exit = server.force_exit = True
        await serving
        listener.close()


async def _watch(crowd: Crowd[GuardedProtocol]) -> None:
    """Close connections whose time is up."""
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        now = asyncio.get_running_loop().time()
        is_scarce = sum(connection.unread for connection in crowd) > bounds.MOST_UNREAD
        for connection in crowd:
            connection.check(now, is_scarce)


def _is_unexpected(record: logging.LogRecord) -> bool:
    """Whether a failure is neither a fault that was asked for, nor the end of the server."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, CutConnectionError | asyncio.CancelledError)


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a server by itself, on the faster event loop where the platform has it."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(coroutine)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(coroutine)
