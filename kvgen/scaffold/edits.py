"""Changes to the text of a kvgen.toml that leave every other line as the user has it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from kvgen.scaffold.model import Value
from kvgen.scaffold.project import (
    BYTE_ORDER_MARK,
    Patterns,
    option_lines,
    option_texts,
    parse_project,
    refuse_conflict_marks,
)

_HEADER = re.compile(r"[ \t]*\[{1,2}[ \t]*(?P<name>[^\]\n]*?)[ \t]*\]")


def with_pattern(text: str, name: str, values: Mapping[str, Value]) -> str:
    """Return a kvgen.toml with the table of one more pattern, in alphabetical order.

    Every other line stays. Raises ValueError if the text leaves no place for it.
    """
    lines = _lines(text)
    block = [f"[patterns.{name}]", *option_lines(values), ""]
    later = [at for at, found in _headers(lines) if found > name]
    if later:
        at = later[0]
        while at and lines[at - 1].startswith("#"):
            at -= 1  # a comment right above a table is about that table
        lines[at:at] = block
    else:
        lines += ["", *block[:-1]]
    return _checked(lines, text, lambda p: {**p, name: option_texts(values)})


def without_pattern(text: str, name: str) -> str:
    """Return a kvgen.toml without the table of a pattern; every other line stays.

    Comments below its last option stay as well: they may be about what follows. Raises ValueError
    where the table is not to be found as lines of its own.
    """
    lines = _lines(text)
    for start in [at for at, found in _headers(lines) if found == name]:
        following = range(start + 1, len(lines))
        end = next((at for at in following if _HEADER.match(lines[at])), len(lines))
        while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
            end -= 1
        while end < len(lines) and not lines[end].strip():
            end += 1
        del lines[start:end]
    return _checked(lines, text, lambda p: {n: v for n, v in p.items() if n != name})


def change_options(text: str, changes: Mapping[tuple[str, ...], str | None]) -> str:
    """Change options in the text of a kvgen.toml; comments, order and line ends survive.

    ``changes`` are values by the path of their key; None removes the key. Raises ValueError where
    the text is not TOML or lacks a table on the way.
    """
    if not changes:
        return text
    # Only a change needs to know about comments, and tomlkit takes longer than all the rest.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    refuse_conflict_marks(text)
    mark = text[: text.startswith(BYTE_ORDER_MARK)]
    try:
        document = tomlkit.parse(text.removeprefix(mark))
        for (*tables, key), value in changes.items():
            place: Any = document
            for name in tables:
                place = place[name]
            if value is None:
                place.pop(key, None)
            else:
                place[key] = value
    except TOMLKitError as error:
        raise ValueError(str(error)) from None
    return mark + _with_ends_of(text, tomlkit.dumps(document))


def _lines(text: str) -> list[str]:
    unix = text.replace("\r\n", "\n") if _is_dos(text) else text
    return unix.rstrip("\n").split("\n")


def _checked(lines: list[str], text: str, expected: Callable[[Patterns], Patterns]) -> str:
    """Return the changed lines as a text if the patterns are as expected and all else as it was."""
    changed = _with_ends_of(text, "\n".join(lines).rstrip("\n") + "\n")
    before = parse_project(text)
    try:
        is_right = parse_project(changed) == before._replace(patterns=expected(before.patterns))
    except ValueError:
        is_right = False
    if not is_right:
        raise ValueError("the tables of the patterns are not written as [patterns.NAME]")
    return changed


def _headers(lines: list[str]) -> list[tuple[int, str]]:
    """Return where the table of each pattern begins, and its name."""
    found = []
    for at, line in enumerate(lines):
        header = _HEADER.match(line)
        if header and header["name"].startswith("patterns."):
            found.append((at, header["name"].removeprefix("patterns.").strip("\"'")))
    return found


def _with_ends_of(text: str, changed: str) -> str:
    """Give a changed text the line ends of the one it was, and no last newline it did not have."""
    if text and not text.endswith("\n"):
        changed = changed.removesuffix("\n")
    return re.sub(r"(?<!\r)\n", "\r\n", changed) if _is_dos(text) else changed


def _is_dos(text: str) -> bool:
    return "\r\n" in text and not re.search(r"(?<!\r)\n", text)
