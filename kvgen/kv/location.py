"""Where the embedded KV keeps its data: outside the function's folder, which might be shipped."""

import hashlib
import os
from pathlib import Path

from kvgen.errors import KvgenError

#: The namespace that `kvgen dev` hands to a function; it keeps its id across runs.
DEV_NAMESPACE = "dev"

_PROJECT_FILE = "kvgen.toml"
_LONGEST_NAME = (
    100  # bytes; with the digest and SQLite's endings far below the 255 of a file's name
)


def find_folder(start: Path) -> Path | None:
    """Return the nearest folder, at or above ``start``, that has a kvgen.toml."""
    start = _real(start)
    for place in (start, *start.parents):
        if (place / _PROJECT_FILE).is_file():
            return place
    return None


def database_for(folder: Path) -> Path:
    """Return the database of a function's folder; the place is made, the file is not.

    It hangs on the folder's real path, so that all ways to it lead to the same data. Raises
    KvgenError if there is no place: no home, or one that cannot be written to.
    """
    import platformdirs

    real = _real(folder)
    digest = hashlib.sha256(str(real).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    try:
        place = platformdirs.user_data_path("kvgen") / "kv"
        if not place.is_absolute():
            raise RuntimeError(f"{place} is not an absolute path")  # as newer platformdirs do
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        raise KvgenError(
            f"there is no place for the KV's data: {error}",
            "name a file, --data FILE, or a folder for all of them, XDG_DATA_HOME=DIR",
        ) from None
    return place / f"{_readable(real.name)}-{digest}.db"


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises where links go in a circle


def _readable(name: str) -> str:
    """Return as much of a folder's name as fits; the digest tells folders apart."""
    return name.encode("utf-8", "replace")[:_LONGEST_NAME].decode("utf-8", "ignore")
