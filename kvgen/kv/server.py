"""Serves the embedded KV on this machine."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette

from kvgen.errors import KvgenError


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it, who may have other things to stop as well."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def] # a generator, as in the base class
        yield


def listen(host: str, port: int) -> socket.socket:
    """Bind a port, 0 for a free one; raises KvgenError where it is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "the port is in use" if taken else str(error)
        raise KvgenError(f"cannot listen on {host}:{port}: {reason}", "try --port 0") from None
    listener.listen(128)
    return listener


@contextlib.asynccontextmanager
async def running(app: Starlette, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve the app while the block runs; yields the URL, from which it already answers."""
    listener = listen(host, port)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False
    )
    config.load()
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if serving.done():
            serving.result()
        await asyncio.sleep(0.005)
    shown = f"[{host}]" if ":" in host else host
    try:
        yield f"http://{shown}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
        listener.close()
