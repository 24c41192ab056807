"""The embedded KV as it might have been: another server, loop, parser, or way to write.

    DATA=kv.db VARIANT='{"synchronous": "FULL"}' python -m bench.kv.variant

For choices.py, which reads the port off the first line. Members of VARIANT: ``server`` (uvicorn,
granian, hypercorn), ``loop`` (uvloop, asyncio), ``http`` (httptools, h11), ``synchronous`` and
``mmap_size`` as SQLite's pragmas have them, ``group`` (whether writes share a transaction).
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from kvgen.kv.app import create_app
from kvgen.kv.commits import Commits
from kvgen.kv.location import DEV_NAMESPACE
from kvgen.kv.server import listen
from kvgen.kv.store import Store

_VARIANT: dict[str, Any] = json.loads(os.environ.get("VARIANT", "{}"))


async def _by_itself(self: Commits, action: Callable[[], Any]) -> Any:
    return action()


def build() -> Any:
    """Return the application of this variant."""
    store = Store(Path(os.environ["DATA"]))
    store.ensure_namespace(DEV_NAMESPACE)
    for pragma in ("synchronous", "mmap_size"):
        if pragma in _VARIANT:
            store._db.execute(f"PRAGMA {pragma} = {_VARIANT[pragma]}")
    if not _VARIANT.get("group", True):
        Commits.write = _by_itself  # type: ignore[method-assign]
    return create_app(store)


def _uvicorn() -> None:
    import uvicorn

    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        build(),
        http=_VARIANT.get("http", "httptools"),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
    )
    serving = uvicorn.Server(config).serve(sockets=[listener])
    if _VARIANT.get("loop") == "asyncio":
        asyncio.run(serving)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serving)


def _another(*command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    print(port, flush=True)
    words = [word.format(port=port) for word in command]
    os.execv(sys.executable, [sys.executable, "-m", *words])  # noqa: S606


def main() -> None:
    """Serve until terminated."""
    server = _VARIANT.get("server", "uvicorn")
    if server == "granian":
        options = ["--interface", "asginl", "--workers", "1", "--loop", "uvloop", "--factory"]
        options += ["--host", "127.0.0.1", "--port", "{port}", "--no-ws", "--log-level", "error"]
        _another("granian", *options, "bench.kv.variant:build")
    elif server == "hypercorn":
        options = ["--worker-class", "uvloop", "--bind", "127.0.0.1:{port}", "--log-level", "error"]
        _another("hypercorn", *options, "bench.kv.variant:build()")
    else:
        _uvicorn()


if __name__ == "__main__":
    main()
