"""`kvgen kv serve`: the embedded KV by itself."""

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import click

from kvgen.cli.kv_faults import FAULTS_HELP, fault_options, faults_of
from kvgen.cli.kv_options import data_option, database
from kvgen.kv.app import App, create_app
from kvgen.kv.location import DEV_NAMESPACE
from kvgen.kv.server import listen, run, running, sweeping, url_of
from kvgen.kv.store import Store


@click.command(epilog=FAULTS_HELP)
@click.option("--port", default=8787, show_default=True, help="The port; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to bind.")
@data_option
@click.option("--api-key", help="Let in this bearer only.  [default: any that is not empty]")
@click.option(
    "--provision-seconds",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="How long a new namespace answers 409, as the real one does for 3 to 20 s.",
)
@click.option("--no-ttl", is_flag=True, help="Create namespaces without support for ttl_secs.")
@click.option(
    "--rate-limit", type=click.IntRange(1), metavar="N", help="Answer 429 beyond N calls a minute."
)
@fault_options
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as a JSON object.")
def serve(
    port: int,
    host: str,
    data: Path | None,
    api_key: str | None,
    provision_seconds: float,
    no_ttl: bool,
    rate_limit: int | None,
    faults: tuple[str, ...],
    fault_seed: int,
    as_json: bool,
) -> None:
    """Serve the embedded KV over HTTP, until Ctrl-C.

    The first line says where it listens. The namespace of kvgen dev is there from the beginning.
    /openapi.json describes the calls.
    """
    chosen = faults_of(faults, fault_seed)
    path = database(data)
    with (
        contextlib.closing(Store(path)) as store,
        contextlib.closing(listen(host, port)) as listener,
    ):
        namespace = store.ensure_namespace(DEV_NAMESPACE)
        app = create_app(
            store,
            api_key=api_key,
            provision_seconds=provision_seconds,
            ttl_support=not no_ttl,
            rate_limit=rate_limit,
            faults=chosen,
        )

        def say() -> None:
            url = url_of(listener)
            if as_json:
                click.echo(json.dumps({"url": url, "data": str(path.resolve())}))
                return
            click.echo(f"Embedded KV on {url}, data in {path}")
            click.echo(f"Namespace {namespace.name}: {namespace.id}  (Ctrl-C stops)", err=True)

        run(_until_stopped(app, listener, store, say))


async def _until_stopped(
    app: App, listener: socket.socket, store: Store, say: Callable[[], None]
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    say()  # and only then is anything answered
    async with running(app, listener), sweeping(store):
        await stop.wait()
