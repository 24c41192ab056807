"""`kvgen kv get`, `put`, `list` and `delete`: one key, or a listing of them."""

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from kvgen.cli import completers
from kvgen.cli.kv_options import Which, checked_key, opened, run, which_kv
from kvgen.cli.report import is_interactive
from kvgen.cli.tables import bytes_text, span_text, table
from kvgen.cli.terminal import block, echo, printable, write_bytes
from kvgen.durations import parse_duration
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.kv.envelope import unwrap, wrap

if TYPE_CHECKING:
    from kvgen.kv.client import Client, Listed


@click.command()
@click.argument("key", shell_complete=completers.keys)
@which_kv
def get(key: str, which: Which) -> None:
    """Print what is stored under KEY, byte for byte.

    Exits with 1, and prints nothing, where there is no such key.
    """

    async def read() -> bytes | None:
        async with opened(which) as client:
            value = await client.get(checked_key(key))
            return None if value is None else value.content

    content = run(read())
    if content is None:
        raise KvgenError(f"there is no key {key!r}", "kvgen kv list shows those that there are")
    write_bytes(content)


@click.command()
@click.argument("key", shell_complete=completers.keys)
@click.argument("value", required=False)
@click.option(
    "-f",
    "--file",
    type=click.File("rb"),
    help="Take the value from a file, or from standard input for -.",
)
@click.option("--ttl", help="Let the store delete the key after this time, for example 1h.")
@click.option("--expires-in", help="Wrap the value into an expiry envelope of this lifetime.")
@click.option("--content-type", help="Store this content type with the value.")
@which_kv
def put(
    key: str,
    value: str | None,
    file: Any,
    ttl: str | None,
    expires_in: str | None,
    content_type: str | None,
    which: Which,
) -> None:
    """Store VALUE under KEY; without VALUE it is read from standard input."""
    content = _content(value, file)
    if expires_in:
        lifetime = _seconds("--expires-in", expires_in)
        content = _wrapped(content, int(time.time() * 1000) + lifetime * 1000)
    ttl_seconds = _seconds("--ttl", ttl) if ttl else None

    async def write() -> bool:
        async with opened(which) as client:
            return await client.put(checked_key(key), content, content_type, ttl_seconds)

    word = "Created" if run(write()) else "Replaced"
    echo(f"{word} {key} ({bytes_text(len(content))})", err=True)


@click.command("list")
@click.argument("prefix", default="", shell_complete=completers.keys)
@click.option("--names", is_flag=True, help="Print the keys only, one a line, and read no values.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@which_kv
def list_keys(prefix: str, names: bool, as_json: bool, which: Which) -> None:
    """List the keys that start with PREFIX.

    To say what is left of an envelope's life each value is read, which is a call for each key.
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
        block(table([("KEY", "SIZE", "AGE", "EXPIRES"), *(_cells(row, now) for row in rows)]))
    else:
        echo(f"no keys that start with {prefix!r}" if prefix else "no keys", err=True)


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...", shell_complete=completers.keys)
@click.option("--prefix", help="Delete every key that starts with this.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@which_kv
def delete(keys: tuple[str, ...], prefix: str | None, yes: bool, which: Which) -> None:
    """Delete each KEY, or every key with a prefix."""
    if bool(keys) == bool(prefix):
        raise InvalidAnswerError(
            "name keys, or a prefix that is not empty", "for example kvgen kv delete session/abc"
        )

    async def remove() -> int:
        async with opened(which) as client:
            doomed = [checked_key(key) for key in keys]
            if prefix:
                doomed = [item.key async for item in client.keys(prefix)]
                _confirm(len(doomed), prefix, yes)
            for key in doomed:
                await client.delete(key)
            return len(doomed)

    count = run(remove())
    echo(f"Deleted {count} key{'' if count == 1 else 's'}", err=True)


def _content(value: str | None, file: Any) -> bytes:
    if value is not None and file is not None:
        raise InvalidAnswerError("give a value or --file, not both", "leave one of them out")
    if value is not None:
        return value.encode("utf-8", "surrogateescape")
    if file is None and sys.stdin.isatty():
        raise InvalidAnswerError("no value was given", "for example kvgen kv put flag/new-ui true")
    content: bytes = (file or sys.stdin.buffer).read()
    return content


def _wrapped(content: bytes, expires_at: int) -> bytes:
    try:
        return wrap(content.decode("utf-8"), expires_at)
    except UnicodeDecodeError:
        raise InvalidAnswerError(
            "--expires-in takes text, and the value is not UTF-8", "use --ttl instead"
        ) from None


def _seconds(option: str, text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise InvalidAnswerError(
            f"{option} {text!r}: {error}", f"for example {option} 1h"
        ) from None


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


def _confirm(count: int, prefix: str, yes: bool) -> None:
    if yes or not count:
        return
    what = f"{count} key{'s start' if count > 1 else ' starts'} with {prefix!r}"
    if not is_interactive():
        raise InvalidAnswerError(f"{what}: deleting needs a yes", "add --yes")
    click.confirm(f"{what}. Delete?", abort=True, err=True)
