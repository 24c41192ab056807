"""`kvgen kv serve`: the embedded KV by itself."""

import functools
import json
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvgen.cli.kv_faults import FAULTS_HELP, fault_options, faults_of
from kvgen.cli.kv_options import data_option, place_of, store_option
from kvgen.cli.serving import complain_briefly, host_options
from kvgen.cli.signals import stoppable
from kvgen.cli.terminal import tell
from kvgen.kv.location import DEV_NAMESPACE

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from kvgen.console.console import Console
    from kvgen.kv.faults import Faults
    from kvgen.kv.interface import Storage
    from kvgen.kv.records import Namespace
    from kvgen.kv.stores import Place


@click.command(epilog=FAULTS_HELP)
@click.option("--port", default=8787, show_default=True, help="The port; 0 takes a free one.")
@host_options
@data_option
@store_option
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
@click.option(
    "--console", "with_console", is_flag=True, help="Serve a page with its calls and keys."
)
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as a JSON object.")
def serve(
    port: int,
    host: str,
    allowed: tuple[str, ...],
    data: Path | None,
    store: str | None,
    api_key: str | None,
    provision_seconds: float,
    no_ttl: bool,
    rate_limit: int | None,
    faults: tuple[str, ...],
    fault_seed: int,
    with_console: bool,
    as_json: bool,
) -> None:
    """Serve the embedded KV over HTTP, until Ctrl-C.

    The first line says where it listens. The namespace of kvgen dev is there from the beginning.
    /openapi.json describes the calls.
    """
    # Imported here: to complete an option takes none of it.
    from kvgen.kv.app import create_app
    from kvgen.kv.hosts import Hosts
    from kvgen.kv.server import listen, run
    from kvgen.kv.stores import open_store

    chosen, hosts = faults_of(faults, fault_seed), Hosts(host, allowed)
    console = _console(chosen) if with_console else None
    complain_briefly()
    place = place_of(data, store)
    with closing(open_store(place)) as opened, closing(listen(host, port)) as listener:
        namespace = opened.ensure_namespace(DEV_NAMESPACE)
        app = create_app(
            opened,
            api_key=api_key,
            hosts=hosts,
            provision_seconds=provision_seconds,
            ttl_support=not no_ttl,
            rate_limit=rate_limit,
            faults=chosen,
            on_call=console.record if console else None,
        )
        front = console.in_front_of(app, opened, namespace, hosts) if console else app
        say = functools.partial(_say, listener, namespace, place, as_json, console)
        run(stoppable(_serve(front, listener, opened, say, console)))


def _console(faults: "Faults") -> "Console":
    from kvgen.console.console import Console

    return Console(faults)


def _say(
    listener: socket.socket,
    namespace: "Namespace",
    place: "Place",
    as_json: bool,
    console: "Console | None",
) -> None:
    from kvgen.kv.server import url_of
    from kvgen.kv.stores import shown_place

    url = url_of(listener)
    if as_json:
        data = shown_place(place.resolve() if isinstance(place, Path) else place)
        page = {"console": console.url(url)} if console else {}
        tell(json.dumps({"url": url, "data": data} | page))
        return
    tell(f"Embedded KV on {url}, data in {shown_place(place)}")
    if console:
        tell(f"Console: {console.url(url)}")
    tell(f"Namespace {namespace.name}: {namespace.id}  (Ctrl-C stops)", err=True)


async def _serve(
    app: "ASGIApp",
    listener: socket.socket,
    store: "Storage",
    say: Callable[[], None],
    console: "Console | None",
) -> None:
    import asyncio

    from kvgen.kv.server import running, sweeping

    say()  # and only then is anything answered
    async with running(app, listener), sweeping(store):
        try:
            await asyncio.Event().wait()  # until this is cancelled
        finally:
            if console:
                console.close()
