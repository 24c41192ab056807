"""`kvgen kv list`: which keys there are, and what is left of them."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from kvgen.cli import completers
from kvgen.cli.kv_options import Which, opened, run, which_kv
from kvgen.cli.tables import bytes_text, span_text, table
from kvgen.cli.terminal import block, echo, printable
from kvgen.kv.envelope import unwrap

if TYPE_CHECKING:
    from kvgen.kv.client import Client, Listed


@click.command("list")
@click.argument("prefix", default="", shell_complete=completers.keys)
@click.option("--names", is_flag=True, help="Print the keys only, one a line, and read no values.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@which_kv
def list_keys(prefix: str, names: bool, as_json: bool, which: Which) -> None:
    """List the keys that start with PREFIX.

    Each value is read to show how long its envelope still lives: this is one call for each key.
    """

    async def read() -> list[dict[str, Any]]:
        async with opened(which) as client:
            listed = [item async for item in client.keys(prefix)]
            return [await _row(client, item, not names) for item in listed]

    rows, now = run(read()), time.time()
    if as_json:
        dated = [_dated(row, now) for row in rows]
        block(json.dumps(dated, indent=2))
    elif names:
        block("".join(f"{printable(row['key'])}\n" for row in rows), nl=False)
    elif rows:
        cells = [("KEY", "SIZE", "AGE", "EXPIRES"), *(_cells(row, now) for row in rows)]
        block(table(cells), fill=True)
    else:
        echo(f"no keys that start with {prefix!r}" if prefix else "no keys", err=True)


async def _row(client: "Client", item: "Listed", with_value: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"key": item.key, "size_bytes": item.size, "updated_at": item.updated_at}
    value = await client.get(item.key) if with_value else None
    envelope = unwrap(value.content) if value else None
    return row | ({"expires_at": int(envelope.expires_at)} if envelope else {})


def _dated(row: Mapping[str, Any], now: float) -> dict[str, Any]:
    date = datetime.fromtimestamp(row["updated_at"], UTC).isoformat(timespec="milliseconds")
    left = _left(row, now)
    return {**row, "updated_at": date} | ({} if left is None else {"expired": left <= 0})


def _left(row: Mapping[str, Any], now: float) -> float | None:
    """Return the seconds that are left of an envelope's life."""
    return row["expires_at"] / 1000 - now if "expires_at" in row else None


def _cells(row: Mapping[str, Any], now: float) -> tuple[str, ...]:
    left = _left(row, now)
    expires = "" if left is None else f"in {span_text(left)}" if left > 0 else "expired"
    return (
        printable(row["key"]),
        bytes_text(row["size_bytes"]),
        span_text(now - row["updated_at"]),
        expires,
    )
