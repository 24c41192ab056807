"""The paths that `files` accepts, and the errors for others. Pure."""

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path

from kvgen.errors import ConflictError, KvgenError

DEEPEST = 100  # folders in each other

_STEPS = frozenset({".", ".."})
_SCRATCH = re.compile(r"\..+\.kvgen-[0-9a-f]{12}", re.DOTALL)
_LONGEST_NAME = 200  # bytes; a name has at most 255
# Characters that a Mac's HFS+ takes no notice of in a name.
_UNSEEN = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)
)


class LargeFileError(ConflictError):
    """A file that has more bytes than kvgen reads."""


@lru_cache(maxsize=1024)  # the folders of a run have most of their paths in common
def steps_of(path: str, *, reads_git: bool) -> tuple[str, ...]:
    """Return the names that a relative path is made of; the last one may be a dot.

    There are none for a path that is refused.
    """
    names = tuple(path.split("/"))
    if not all(names) or not _STEPS.isdisjoint(names[:-1]) or names[-1] == "..":
        return ()
    if not _is_name(path):
        return ()
    is_gits = not reads_git and any(map(is_git, names))
    return () if is_gits or len(names) > DEEPEST else names


def refused(path: str, place: str) -> KvgenError:
    """Return the error for a path that has no steps; ``place`` is how messages show it."""
    names = path.split("/")
    if not _is_name(path):
        return KvgenError(f"{place!r} is not a valid file name", "name another")
    if any(map(is_git, names)):
        return ConflictError(f"{place} belongs to git", "kvgen does not touch it")
    if len(names) > DEEPEST:
        return ConflictError(f"{place} is more than {DEEPEST} folders deep", "move it further up")
    return leads_out(place)


def _is_name(path: str) -> bool:
    """Whether the system can be given a path: it takes no NUL, and no half of a surrogate pair."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def is_git(name: str) -> bool:
    """Whether some file system takes a name for that of git's own folder."""
    if not name.isascii():
        name = name.translate(_UNSEEN)
    return name[:1] in ".gG" and name.rstrip(". ").lower() in (".git", "git~1")


def refuse_git(folder: Path) -> None:
    """Raise ConflictError for a folder that is git's own, or lies in it."""
    if any(map(is_git, folder.parts)):
        raise ConflictError(f"{folder} belongs to git", "kvgen does not touch it")


def leads_out(place: str) -> KvgenError:
    """Return the error for a path that leads elsewhere."""
    what = f"{place} leads out of the folder or through a symbolic link"
    return KvgenError(what, "replace the link by a file of its own")


def no_file(place: str) -> ConflictError:
    """Return the error for a folder, a pipe, a device or a socket."""
    return ConflictError(f"{place} is not a file", "move it away")


def is_scratch(name: str) -> bool:
    """Whether a folder is called as a scratch folder is."""
    return ".kvgen-" in name and _SCRATCH.fullmatch(name) is not None


def mark_of(status: os.stat_result) -> str:
    """Return the name of the file that says that a folder is kvgen's."""
    return f"made-by-kvgen-{status.st_ino}"


def prefix_of(name: str) -> str:
    """Return how the scratch folders begin that are made for a purpose, or for a folder."""
    raw = os.fsencode(name)
    if len(raw) > _LONGEST_NAME:
        name = hashlib.sha256(raw).hexdigest()[:20]
    return f".{name}.kvgen-"
