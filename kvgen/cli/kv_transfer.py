"""`kvgen kv sweep`, `import` and `export`: many keys at a time."""

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import click

from kvgen.cli.kv_options import Which, opened, run, which_kv
from kvgen.cli.terminal import block, can_redraw, echo, printable, write_bytes
from kvgen.kv.transfer import (
    delete_expired,
    expired_keys,
    export_item,
    import_items,
    read_items,
)

_T = TypeVar("_T")


@click.command()
@click.option("--prefix", default="", help="Look only at keys that start with this.")
@click.option(
    "--dry-run", is_flag=True, help="Print the keys that would be deleted, and delete none."
)
@which_kv
def sweep(prefix: str, dry_run: bool, which: Which) -> None:
    """Delete keys whose envelope has expired.

    Each key is read again right before it is deleted. The store has no compare-and-swap, so a value
    that a function writes between that read and the delete is deleted too. Sweep when there are few
    writes, or choose --expiry both for a function: then the store deletes expired keys by itself.
    """

    async def clean() -> int:
        async with opened(which) as client:
            names = [item.key async for item in client.keys(prefix)]
            doomed = []
            with _progress(names, "Reading") as bar:
                async for key, is_expired in expired_keys(client, names):
                    doomed += [key] if is_expired else []
                    bar.update(1)
            if dry_run:
                block("".join(f"{printable(key)}\n" for key in doomed), nl=False)
                return len(doomed)
            gone = 0
            with _progress(doomed, "Deleting") as bar:
                async for _, was_expired in delete_expired(client, doomed):
                    gone += was_expired
                    bar.update(1)
            return gone

    count = run(clean())
    what = f"{count} expired key{'' if count == 1 else 's'}"
    echo(f"{what} would be deleted" if dry_run else f"Deleted {what}", err=True)


@click.command("import")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@which_kv
def import_keys(file: str, which: Which) -> None:
    """Write the keys of FILE, or of standard input for -.

    FILE is a JSON array of objects with key and value, and optionally "base64": true, content_type
    and ttl_secs. The whole file is checked before the first key is written. If a write fails, the
    keys written before it get their old values back, but without a ttl_secs, which is unreadable.
    """
    with click.open_file(file, "rb") as source:
        content: bytes = source.read()
    items = read_items(content, "standard input" if file == "-" else file)

    async def write() -> None:
        async with opened(which) as client:
            with _progress(items, "Writing") as bar:
                async for _ in import_items(client, items):
                    bar.update(1)

    run(write())
    echo(f"Wrote {len(items)} key{'' if len(items) == 1 else 's'}", err=True)


@click.command()
@click.option("--prefix", default="", help="Export only keys that start with this.")
@which_kv
def export(prefix: str, which: Which) -> None:
    """Print keys as JSON that import reads, values byte for byte.

    The remaining ttl_secs of a key cannot be read, so it is not exported.
    """

    async def read() -> list[dict[str, Any]]:
        async with opened(which) as client:
            names = [item.key async for item in client.keys(prefix)]
            found = []
            with _progress(names, "Reading") as bar:
                for name in names:
                    value = await client.get(name)
                    found += [export_item(name, value.content, value.content_type)] if value else []
                    bar.update(1)
            return found

    # As bytes: JSON is UTF-8, whatever the terminal's encoding.
    text = json.dumps(run(read()), indent=2, ensure_ascii=False)
    write_bytes(f"{text}\n".encode())


@contextlib.contextmanager
def _progress(items: Iterable[_T], label: str) -> Iterator[Any]:
    """Show a bar on stderr where that is a terminal, and nothing elsewhere."""
    count = len(list(items))
    is_hidden = not can_redraw(sys.stderr)
    with click.progressbar(length=count, label=label, file=sys.stderr, hidden=is_hidden) as bar:
        yield bar
