"""Many keys at a time: what is exported, imported and swept."""

import base64
import binascii
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kvgen.errors import KvgenError
from kvgen.kv import limits
from kvgen.kv.envelope import unwrap

if TYPE_CHECKING:
    from kvgen.kv.client import Client, Value

_MEMBERS = ("key", "value", "base64", "content_type", "ttl_secs")
_USUAL_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Item:
    """A key to be imported; ``ttl`` is in seconds."""

    key: str
    content: bytes
    content_type: str | None
    ttl: int | None


def export_item(key: str, content: bytes, content_type: str) -> dict[str, Any]:
    """Return a key as JSON: its value as text, or in base64 if it is not text."""
    item: dict[str, Any] = {"key": key}
    try:
        item["value"] = content.decode("utf-8")
    except UnicodeDecodeError:
        item |= {"value": base64.b64encode(content).decode(), "base64": True}
    if content_type != _USUAL_TYPE:
        item["content_type"] = content_type
    return item


def parse_items(text: bytes) -> list[Item]:
    """Read an export: a JSON array of objects with ``key`` and ``value``, and what else there is.

    An editor may have put a byte order mark before it.
    Raises ValueError for the first thing that is wrong, with its place.
    """
    items = json.loads(text.decode("utf-8-sig"))
    if not isinstance(items, list):
        raise ValueError("the document is not an array")
    seen: set[str] = set()
    read = []
    for number, item in enumerate(items):
        try:
            read.append(_item(item, seen))
        except ValueError as error:
            raise ValueError(f"item {number}: {error}") from None
    return read


def _item(item: Any, seen: set[str]) -> Item:
    if not isinstance(item, dict):
        raise ValueError("not an object")
    if unknown := [name for name in item if name not in _MEMBERS]:
        raise ValueError(f"unknown member {unknown[0]!r}; there are {', '.join(_MEMBERS)}")
    key, value, ttl = item.get("key"), item.get("value"), item.get("ttl_secs")
    content_type = item.get("content_type")
    if not isinstance(key, str) or not isinstance(value, str):
        raise ValueError("key and value have to be strings")
    if problem := limits.key_problem(key):
        raise ValueError(f"key {key!r}: {problem}")
    if key in seen:
        raise ValueError(f"key {key!r} is there twice")
    if content_type is not None and not _is_header_value(content_type):
        raise ValueError(f"content_type {content_type!r} is none")
    if ttl is not None and (type(ttl) is not int or not 1 <= ttl <= limits.LONGEST_TTL):
        raise ValueError(f"ttl_secs {ttl!r} is not an integer from 1 to {limits.LONGEST_TTL}")
    seen.add(key)
    content = _content(value, item.get("base64", False))
    if len(content) > limits.LARGEST_VALUE:
        raise ValueError(f"key {key!r}: a value has at most {limits.LARGEST_VALUE} bytes")
    return Item(key, content, content_type, ttl)


def _content(value: str, is_base64: object) -> bytes:
    if not isinstance(is_base64, bool):
        raise ValueError(f"base64 {is_base64!r} is not true or false")
    try:
        return base64.b64decode(value, validate=True) if is_base64 else value.encode("utf-8")
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"value: {error}") from None


def _is_header_value(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable() and bool(text.strip())


async def import_items(client: "Client", items: Sequence[Item]) -> AsyncIterator[Item]:
    """Write all items, yielding each that is written.

    Where one fails, or the caller goes away, all are put back as they were. A KvgenError that says
    which could not be is raised where that fails as well.
    """
    before: dict[str, Value | None] = {}
    try:
        for item in items:
            # Remembered before the write: a write that failed may still have happened.
            before[item.key] = await client.get(item.key)
            await client.put(item.key, item.content, item.content_type, item.ttl)
            yield item
    except BaseException as failure:
        await _put_back(client, before, failure)
        raise


async def _put_back(
    client: "Client", before: Mapping[str, "Value | None"], failure: BaseException
) -> None:
    changed = []
    for key, value in before.items():
        try:
            if value is None:
                await client.delete(key)
            else:
                await client.put(key, value.content, value.content_type)
        except KvgenError:
            changed.append(key)
    if changed:
        named = ", ".join(changed)
        raise KvgenError(
            f"{failure}; and these could not be put back as they were: {named}",
            "import again when the store answers",
        ) from failure


async def expired_keys(
    client: "Client", keys: Iterable[str], now: Callable[[], float] = time.time
) -> AsyncIterator[tuple[str, bool]]:
    """Yield each of the keys, and whether it holds an envelope that has expired."""
    for key in keys:
        yield key, await is_expired(client, key, now)


async def is_expired(client: "Client", key: str, now: Callable[[], float] = time.time) -> bool:
    """Whether there is an expired envelope under the key, at this very moment."""
    value = await client.get(key)
    envelope = None if value is None else unwrap(value.content)
    return envelope is not None and envelope.is_expired(now() * 1000)


async def delete_expired(
    client: "Client", keys: Iterable[str], now: Callable[[], float] = time.time
) -> AsyncIterator[tuple[str, bool]]:
    """Delete each key that is still expired when it is read again; yields whether it was."""
    for key in keys:
        still = await is_expired(client, key, now)
        if still:
            await client.delete(key)
        yield key, still


def read_items(text: bytes, source: str) -> list[Item]:
    """The same as ``parse_items``, with a KvgenError that names the source."""
    try:
        return parse_items(text)
    except ValueError as error:
        raise KvgenError(
            f"{source}: {error}", "nothing was written; kvgen kv export shows the form"
        ) from None
    except RecursionError:
        raise KvgenError(f"{source}: nested too deep", "nothing was written") from None
