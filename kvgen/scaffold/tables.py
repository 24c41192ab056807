"""Reads values from parsed TOML strictly; an error names the key. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from kvgen.scaffold.words import did_you_mean

Table = Mapping[str, Any]

_STEPS = frozenset({"", ".", ".."})


def tables(table: Table, key: str) -> list[tuple[str, Table]]:
    """Return the tables below a key, by their names."""
    found = a_table(table.get(key, {}), key)
    return [(name, a_table(value, f"{key}.{name}")) for name, value in found.items()]


def string(table: Table, key: str, where: str, default: str | None = None) -> str:
    """Return a string; raises ValueError if it is missing and there is no default."""
    value = table.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{where}{key} is {'not a string' if key in table else 'missing'}")
    return value


def strings(table: Table, key: str, where: str) -> list[str]:
    """Return a list of strings, empty if it is missing."""
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ValueError(f"{where}{key} is not a list of strings")
    return found


def truth(table: Table, key: str, where: str) -> bool:
    """Return true or false, the latter if it is missing."""
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{where}{key} is not true or false")
    return value


def entries(
    table: Table, key: str, where: str, default: list[object] | None = None
) -> list[object]:
    """Return a list; raises ValueError if it is missing and there is no default."""
    found = table.get(key, default)
    if not isinstance(found, list):
        raise ValueError(f"{where}{key} is {'not a list' if key in table else 'missing'}")
    return found


def a_table(value: object, where: str) -> Table:
    """Return a value that is a table; raises ValueError for any other."""
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not a table")
    return value


def only(table: Table, known: Iterable[str], where: str) -> None:
    """Raise ValueError for a key that is not known."""
    for key in table:
        if key not in known:
            names = ", ".join(known)
            raise ValueError(
                f"unknown key {where + key!r}{did_you_mean(key, known)}; the keys here are {names}"
            )


def inside(path: str, where: str) -> str:
    """Return a path that leads nowhere but down; raises ValueError for another."""
    if not _STEPS.isdisjoint(path.split("/")):
        raise ValueError(f"{where}: {path!r} is not a path below the folder")
    return path
