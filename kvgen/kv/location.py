"""Where the embedded KV keeps its data: outside the function's folder, which might be shipped."""

import hashlib
from pathlib import Path

#: The namespace that `kvgen dev` hands to a function; it keeps its id across runs.
DEV_NAMESPACE = "dev"

_PROJECT_FILE = "kvgen.toml"


def find_folder(start: Path) -> Path | None:
    """Return the nearest folder, at or above ``start``, that has a kvgen.toml."""
    start = start.resolve()
    for place in (start, *start.parents):
        if (place / _PROJECT_FILE).is_file():
            return place
    return None


def database_for(folder: Path) -> Path:
    """Return the database of a function's folder; the place is made, the file is not.

    It hangs on the folder's real path, so that all ways to it lead to the same data.
    """
    import platformdirs

    real = folder.resolve()
    digest = hashlib.sha256(str(real).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    place = platformdirs.user_data_path("kvgen") / "kv"
    place.mkdir(parents=True, exist_ok=True)
    return place / f"{real.name}-{digest}.db"
