"""Reads and writes kvgen.lock, which records what kvgen last wrote; reads it strictly."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
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
    return None if content is None else check_lock(folder, content)


def check_lock(folder: Path, content: bytes) -> Lock:
    """Read the content of a folder's kvgen.lock, as ``read_lock`` does."""
    if isinstance(content, Large):
        raise _broken(folder, " is too large to be read")
    try:
        lock = parse_lock(content.decode("utf-8"))
    except UnsolvedError as error:
        # A base that is older than need be makes more conflicts, and never loses an edit.
        either = f"take either side, for example git checkout --ours {LOCK_FILE}; then try again"
        raise BrokenLockError(f"{folder / LOCK_FILE}: {error}", either) from None
    except UnicodeDecodeError:
        raise _broken(folder, " is not UTF-8 text") from None
    except ValueError as error:
        raise _broken(folder, f": {error}") from None
    refuse_newer(folder, lock)
    return lock


def refuse_newer(folder: Path, lock: Lock) -> None:
    """Raise KvgenError for what a newer kvgen wrote: this one would take it back."""
    if _release(lock.version) > _release(__version__):
        raise KvgenError(
            f"{folder / LOCK_FILE}: kvgen {lock.version} wrote this folder, and this is kvgen "
            f"{__version__}",
            f"upgrade: pip install 'kvgen>={lock.version}'",
        )


def _broken(folder: Path, problem: str) -> BrokenLockError:
    return BrokenLockError(f"{folder / LOCK_FILE}{problem}", way_on(folder))


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
    """Write the kvgen.lock of what was rendered, sorted; bytes that are not UTF-8 are escaped."""
    recorded = {file.path: {"id": blob_id(encoded(file.text)), "text": file.text} for file in files}
    table: dict[str, Any] = {"files": recorded, "version": __version__}
    if origins:
        table["patterns"] = dict(origins)
    return json.dumps(table, indent=2, sort_keys=True) + "\n"


def blob_id(content: bytes) -> str:
    """Return git's id of a file's content: SHA-1 of ``blob <length>\\0<content>``."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _recorded(path: str, file: Any) -> str:
    blob, text = (file.get("id"), file.get("text")) if isinstance(file, dict) else (None, None)
    if not (isinstance(blob, str) and isinstance(text, str) and len(file) == 2):
        raise ValueError(f"files[{path!r}] is not an object of two strings, id and text")
    checked = _checked(path, blob)
    if text not in checked:
        if blob_id(encoded(text)) != blob:
            raise ValueError(f"files[{path!r}].text does not have the id {blob!r}")
        check_target(path)
        checked.append(text)
    return checked[0]


@lru_cache(maxsize=512)
def _checked(path: str, blob: str) -> list[str]:
    """Return the text that was found right, if any: many folders have the same files."""
    return []


def _release(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        raise ValueError(f"version {version!r} is not three numbers") from None
