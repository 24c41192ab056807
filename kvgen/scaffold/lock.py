"""Reads and writes kvgen.lock, which records what kvgen last wrote; reads it strictly."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.scaffold.disk import read_file
from kvgen.scaffold.model import Large, RenderedFile, encoded
from kvgen.scaffold.project import UnsolvedError, refuse_conflict_marks
from kvgen.scaffold.targets import check_target

LOCK_FILE = "kvgen.lock"

_SURROGATE = re.compile("[\ud800-\udfff]")
_VERSION_ALONE = re.compile(rb'  "version": "(?P<version>[0-9]+(\.[0-9]+)*)"\n\}\n')


class BrokenLockError(KvgenError):
    """A kvgen.lock that cannot be used: it was edited, cut short, or merged by hand."""


class Lock(NamedTuple):
    """What kvgen last wrote: its version then, and each file's pristine text by path.

    ``origins`` has the hash of each pattern that is not of that kvgen's own.
    """

    version: str
    texts: Mapping[str, str]
    origins: Mapping[str, str] = MappingProxyType({})


def read_lock(folder: Path) -> Lock | None:
    """Read a folder's kvgen.lock, or None if there is none.

    Raises BrokenLockError for one that is not right, KvgenError for a newer kvgen's.
    """
    content = read_file(folder, LOCK_FILE)
    return None if content is None else check_lock(folder / LOCK_FILE, content)


def check_lock(path: Path, content: bytes, likely: Sequence[RenderedFile] = ()) -> Lock:
    """Read the content of the kvgen.lock at a path, as ``read_lock`` does.

    ``likely`` is what it may well say. To compare with that takes a fraction of the time that
    reading takes, which would be most of what a run over many folders does.
    """
    if isinstance(content, Large):
        raise BrokenLockError(f"{path} is too large to be read", way_on(path.parent))
    try:
        lock = _likely_lock(content, likely) or parse_lock(content.decode("utf-8"))
    except UnsolvedError as error:
        # A base that is older than need be makes more conflicts, and never loses an edit.
        either = f"take either side, for example git checkout --ours {LOCK_FILE}; then try again"
        raise BrokenLockError(f"{path}: {error}", either) from None
    except UnicodeDecodeError:
        raise BrokenLockError(f"{path} is not UTF-8 text", way_on(path.parent)) from None
    except ValueError as error:
        raise BrokenLockError(f"{path}: {error}", way_on(path.parent)) from None
    refuse_newer(path, lock)
    return lock


def refuse_newer(path: Path, lock: Lock) -> None:
    """Raise KvgenError for what a newer kvgen wrote: this one would take it back."""
    if _release(lock.version) > _release(__version__):
        raise KvgenError(
            f"{path}: kvgen {lock.version} wrote this folder, and this is kvgen {__version__}",
            f"upgrade: pip install 'kvgen>={lock.version}'",
        )


def way_on(folder: Path) -> str:
    """Say how a folder without a usable kvgen.lock gets one."""
    return (
        f"restore the last good one from version control: git checkout {LOCK_FILE}; where there is "
        f"none, `kvgen regenerate --adopt {folder}` writes one and counts every difference as your "
        "edit"
    )


def parse_lock(text: str) -> Lock:
    """Read the text of a kvgen.lock; raises ValueError that says what is wrong."""
    try:
        table = json.loads(text)
    except ValueError:
        # The marks explain the syntax error; JSON that parses has none at the start of a line.
        refuse_conflict_marks(text)
        raise
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(table, dict) or table.keys() - {"patterns"} != {"files", "version"}:
        raise ValueError("not a kvgen.lock: it has the members files and version")
    version, files, origins = table["version"], table["files"], table.get("patterns", {})
    if not isinstance(version, str) or not isinstance(files, dict) or not isinstance(origins, dict):
        raise ValueError("version is not a string, or files or patterns is not an object")
    _release(version)
    return Lock(version, {path: _recorded(path, file) for path, file in files.items()}, origins)


def lock_text(
    files: Iterable[RenderedFile], origins: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Write the kvgen.lock of what was rendered: sorted, a line of text a line of the lock."""
    text = b"".join(_pieces(files)).decode("utf-8")
    if origins:
        indented = json.dumps(origins, indent=4, sort_keys=True)
        text += f'  "patterns": {indented[:-1]}  }},\n'
    return text + f'  "version": "{__version__}"\n}}\n'


def _likely_lock(content: bytes, likely: Sequence[RenderedFile]) -> Lock | None:
    """Return the lock if it says of its files just what is likely, and else None."""
    position = 0
    for piece in _pieces(likely):
        if not content.startswith(piece, position):
            return None
        position += len(piece)
    match = _VERSION_ALONE.fullmatch(content, position)
    if not match:
        return None
    return Lock(match["version"].decode(), {file.path: file.text for file in likely})


def _pieces(files: Iterable[RenderedFile]) -> Iterator[bytes]:
    """Yield all but the version, as json.dumps would indent it."""
    between = b'{\n  "files": {'
    for file in sorted(files, key=attrgetter("path")):
        yield between
        yield _entry(file)
        between = b","
    yield b"\n  },\n" if between == b"," else between + b"},\n"


@lru_cache(maxsize=512)
def _entry(file: RenderedFile) -> bytes:
    lines = file.text.splitlines(keepends=True)
    # Without an indent, json.dumps does all lines at once in C.
    is_text = not _SURROGATE.search(file.text)
    text = json.dumps(lines, ensure_ascii=not is_text, separators=(",\n        ", ": "))
    inner = f"\n        {text[1:-1]}\n      " if lines else ""
    entry = (
        f"\n    {json.dumps(file.path, ensure_ascii=False)}: {{\n"
        f'      "id": "{blob_id(encoded(file.text))}",\n'
        f'      "text": [{inner}]\n'
        "    }"
    )
    return entry.encode("utf-8")


def blob_id(content: bytes) -> str:
    """Return git's id of a file's content: SHA-1 of ``blob <length>\\0<content>``."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _recorded(path: str, file: Any) -> str:
    check_target(path)
    if not isinstance(file, dict) or file.keys() != {"id", "text"}:
        raise ValueError(f"files[{path!r}] is not an object with id and text")
    lines = file["text"]
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError(f"files[{path!r}].text is not a list of strings")
    text = "".join(lines)
    if blob_id(encoded(text)) != file["id"]:
        raise ValueError(f"files[{path!r}].text does not have the id {file['id']!r}")
    return text


def _release(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        raise ValueError(f"version {version!r} is not three numbers") from None
