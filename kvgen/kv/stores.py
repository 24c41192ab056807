"""Which store it is: a file of SQLite's, or a database of a Redis server."""

from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.kv.interface import Storage
from kvgen.kv.redis_url import shown_url
from kvgen.kv.store import Store

#: A file, or the URL of a Redis server.
Place = Path | str


def open_store(place: Place) -> Storage:
    """Open the store at a place; raises StoreError if it cannot be used.

    The server's client is imported only where it is needed: it is an extra, and takes its time.
    """
    if isinstance(place, Path):
        return Store(place)
    try:
        from kvgen.kv.redis_store import RedisStore
    except ImportError:
        raise KvgenError(
            f"{shown_url(place)} needs the redis package", "pip install 'kvgen[shared]'"
        ) from None
    return RedisStore(place)


def shown_place(place: Place) -> str:
    """Return a place as it may be printed."""
    return str(place) if isinstance(place, Path) else shown_url(place)
