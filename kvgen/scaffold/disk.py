"""A folder as plans see it: what lies at the paths that they speak of, and at no other place."""

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from kvgen.errors import ConflictError, KvgenError

_STEPS = frozenset({".", ".."})


def read_disk(folder: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the content of those of the paths that exist below the folder.

    Raises KvgenError where a path leads through a symbolic link or is no regular file, since
    what lies behind it is not in the folder.
    """
    root, known = str(folder), set[str]()
    contents = ((path, read_file(place_of(root, path, known))) for path in paths)
    return {path: content for path, content in contents if content is not None}


def read_file(place: str) -> bytes | None:
    """Return the content of a file, or None where there is none; refuses what is no file."""
    try:
        # Neither does it follow a link, nor wait for the other end of a pipe.
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:  # a NUL, or half a surrogate pair
        raise KvgenError(f"{place!r} is not what a file can be called", "name another") from None
    except OSError as error:
        raise _leads_out(place) if error.errno == errno.ELOOP else error from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise ConflictError(f"{place} is in the way: it is not a file", "move it away")
        return _read_to_end(handle, status.st_size)
    finally:
        os.close(handle)


def place_of(root: str, path: str, known: set[str]) -> str:
    """Return the place of a path below ``root``; refuses to leave it, by name or by a link.

    ``known`` are folders that were looked at already, to which this one's are added.
    """
    place, names = root, path.split("/")
    if not all(names) or not _STEPS.isdisjoint(names):
        raise _leads_out(os.path.join(root, path))
    for name in names[:-1]:
        place = f"{place}/{name}"
        if place not in known and os.path.islink(place):
            raise _leads_out(place)
        known.add(place)
    return f"{place}/{names[-1]}"


def _read_to_end(handle: int, size: int) -> bytes:
    content = os.read(handle, size + 1)
    while len(content) > size and (more := os.read(handle, 1 << 20)):
        content += more
    return content


def _leads_out(place: str) -> KvgenError:
    return KvgenError(
        f"{place} leads out of the folder or through a symbolic link",
        "replace the link by a file of its own",
    )
