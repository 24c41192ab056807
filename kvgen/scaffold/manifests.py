"""Merges manifests by key, so that what the user added stays wherever it was added.

TOML and ``.env`` files keep comments and order; JSON keeps order and indentation. What cannot be
parsed, such as JSON with comments, is left to the merge by line.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from kvgen.scaffold.side import Side

_TOML = ("func.toml", "pyproject.toml")
_JSON, _DOTENV = ("package.json", "tsconfig.json"), (".env.example",)
_VARIABLE = re.compile(r"(\w+)=(.*)")
_LONGEST = 2**20  # bytes, which take seconds

Key = tuple[str, ...]


class _Change(NamedTuple):
    """What kvgen makes of a key: its value in the last text and in the new one, or None."""

    key: Key
    old: Any
    new: Any


class ClashError(Exception):
    """The user and kvgen gave the same keys different values; ``str`` names the keys."""


def merge_by_key(
    path: str, base: bytes | None, mine: bytes, new: bytes, side: Side | None = None
) -> bytes | None:
    """Bring what kvgen changed between ``base`` and ``new`` into the user's manifest.

    Returns None if this is not a manifest, is too long, or cannot be parsed. Raises ClashError if
    both changed the same key, and ``side`` does not say whose value counts.
    """
    ways = ((_TOML, _merge_toml), (_JSON, _merge_json), (_DOTENV, _merge_dotenv))
    merge = next((way for paths, way in ways if path in paths), None)
    if merge is None or base is None or len(mine) > _LONGEST:
        return None
    mark = codecs.BOM_UTF8 if mine.startswith(codecs.BOM_UTF8) else b""
    try:
        own = mine.removeprefix(mark).decode("utf-8")
        merged = merge(base.decode("utf-8"), own, new.decode("utf-8"), side)
    except (ValueError, RecursionError):
        return None
    return mark + merged.encode("utf-8")


def _merge_toml(base: str, mine: str, new: str, side: Side | None) -> str:
    import tomlkit

    from kvgen.toml import read_toml

    before, after = read_toml(base), read_toml(new)
    changes = _to_apply(before, read_toml(mine), after, side)
    if not changes:
        return mine
    document = tomlkit.parse(mine)
    for change in changes:
        _apply(document, change, tomlkit.table)
    own = set(base.splitlines())  # a comment of the user's keeps its table
    for place, name in _emptied(document, before, after):
        if set(place[name].as_string().splitlines()) <= own:
            place.pop(name)
    return tomlkit.dumps(document)


def _merge_json(base: str, mine: str, new: str, side: Side | None) -> str:
    document, before, after = json.loads(mine), json.loads(base), json.loads(new)
    changes = _to_apply(before, document, after, side)
    if not changes:
        return mine
    for change in changes:
        _apply(document, change, dict)
    for place, name in _emptied(document, before, after):
        place.pop(name)
    indent = re.search(r"^([ \t]+)\"", mine, re.MULTILINE)
    text = json.dumps(document, indent=indent[1] if indent else 2, ensure_ascii=False)
    return text + ("\n" if mine.endswith("\n") else "")


def _merge_dotenv(base: str, mine: str, new: str, side: Side | None) -> str:
    (before, others), (present, _), (after, still) = map(_variables, (base, mine, new))
    if others != still:
        raise ValueError("other lines than variables have changed")
    lines = mine.split("\n")
    for change in _to_apply(before, present, after, side):
        (name,) = change.key
        at = next((i for i, line in enumerate(lines) if line.startswith(f"{name}=")), None)
        if at is None:
            above = list(after)[: list(after).index(name)]
            lines.insert(_end_of(lines, above), f"{name}={change.new}")
        else:
            lines[at : at + 1] = [] if change.new is None else [f"{name}={change.new}"]
    return "\n".join(lines)


def _variables(text: str) -> tuple[dict[str, str], list[str]]:
    """Return the variables of a ``.env`` file, and its other lines; ValueError for a name twice."""
    lines = text.split("\n")
    found = [match for line in lines if (match := _VARIABLE.fullmatch(line))]
    variables = {match[1]: match[2] for match in found}
    if len(variables) < len(found):
        raise ValueError("a variable is set twice")
    return variables, [line for line in lines if not _VARIABLE.fullmatch(line)]


def _end_of(lines: list[str], names: list[str]) -> int:
    """Return the place below the last of some variables, or at the top."""
    starts = tuple(f"{name}=" for name in names)
    return max(
        (i + 1 for i, line in enumerate(lines) if starts and line.startswith(starts)), default=0
    )


def _to_apply(base: Any, mine: Any, new: Any, side: Side | None) -> list[_Change]:
    """Return what is to be changed in the user's manifest; raises ClashError, or ValueError."""
    if not all(isinstance(manifest, dict) for manifest in (base, mine, new)):
        raise ValueError("a manifest is a table")
    wanted, clashing = [], []
    for change in _changes(base, new, ()):
        present = _value(mine, change.key)
        if present == change.new or (change.new is None and present != change.old):
            continue  # done already, or a value of the user's that kvgen no longer has
        if present == change.old or _is_set(change, present) or side is Side.THEIRS:
            wanted.append(change)
        elif side is not Side.MINE:
            clashing.append(".".join(change.key))
    if clashing:
        raise ClashError(", ".join(clashing))
    return wanted


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], above: Key) -> Iterator[_Change]:
    for name in [*old, *(name for name in new if name not in old)]:
        key, before, after = (*above, name), old.get(name), new.get(name)
        if isinstance(before, dict | None) and isinstance(after, dict | None):
            yield from _changes(before or {}, after or {}, key)
        elif before != after:
            yield _Change(key, before, after)


def _emptied(document: Any, old: Any, new: Any) -> Iterator[tuple[Any, str]]:
    """Yield the place and name of each empty table that kvgen no longer has, inner ones first."""
    for name, before in old.items():
        table, after = document.get(name), new.get(name)
        if isinstance(before, dict) and isinstance(table, dict):
            yield from _emptied(table, before, after if isinstance(after, dict) else {})
            if after is None and not table:
                yield document, name


def _is_set(change: _Change, present: object) -> bool:
    """Whether this is an array of strings everywhere, which is merged member by member."""
    return all(_is_texts(value) for value in (change.old or [], change.new or [], present))


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(member, str) for member in value)


def _apply(document: Any, change: _Change, make_table: Callable[[], Any]) -> None:
    place = document
    for name in change.key[:-1]:
        if name not in place:
            if change.new is None:
                return
            place[name] = make_table()
        place = place[name]
    name = change.key[-1]
    if name in place and _is_set(change, place[name]):
        _apply_members(place[name], change.old or [], change.new or [])
    elif change.new is None:
        place.pop(name, None)
    else:
        place[name] = change.new


def _apply_members(array: Any, old: list[str], new: list[str]) -> None:
    for member in old:
        if member not in new and member in array:
            array.remove(member)
    for member in new:
        if member not in old and member not in array:
            array.append(member)


def _value(manifest: Any, key: Key) -> Any:
    for name in key:
        if not isinstance(manifest, dict) or name not in manifest:
            return None
        manifest = manifest[name]
    return manifest
