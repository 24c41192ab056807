"""`kvgen kv get`, `put` and `delete`: one key, or all with a prefix."""

import sys
import time
from typing import Any

import click

from kvgen.cli import completers
from kvgen.cli.kv_options import Which, checked_key, opened, run, which_kv
from kvgen.cli.plans import is_interactive
from kvgen.cli.tables import bytes_text
from kvgen.cli.terminal import echo, write_bytes
from kvgen.durations import parse_duration
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.kv.envelope import unwrap, wrap


@click.command()
@click.argument("key", shell_complete=completers.keys)
@click.option("--value", "opens", is_flag=True, help="Open an envelope, as a function does.")
@which_kv
def get(key: str, opens: bool, which: Which) -> None:
    """Print the value of KEY, byte for byte.

    Exits with 1, and prints nothing, if there is no such key. With --value an envelope is opened:
    only its value is printed, and a key whose envelope has expired counts as missing.
    """

    async def read() -> bytes | None:
        async with opened(which) as client:
            value = await client.get(checked_key(key))
            return None if value is None else value.content

    content = run(read())
    if content is not None and opens:
        content = _opened(content)
    if content is None:
        raise KvgenError(f"there is no key {key!r}", "kvgen kv list shows the keys")
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
@click.option("--expires-in", help="Wrap the value in an expiry envelope with this lifetime.")
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
    """Store VALUE under KEY; without VALUE, read it from standard input."""
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


def _opened(content: bytes) -> bytes | None:
    """Return the value in an envelope, None for one that has expired; all else as it is."""
    envelope = unwrap(content)
    if envelope is None:
        return content
    return (
        None
        if envelope.is_expired(time.time() * 1000)
        else envelope.value.encode("utf-8", "replace")
    )


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


def _confirm(count: int, prefix: str, yes: bool) -> None:
    if yes or not count:
        return
    what = f"{count} key{'s start' if count > 1 else ' starts'} with {prefix!r}"
    if not is_interactive():
        raise InvalidAnswerError(f"{what}: deleting needs a yes", "add --yes")
    click.confirm(f"{what}. Delete?", abort=True, err=True)
