"""What Redis' failures are called. Its own texts may repeat what was sent, and go nowhere."""

import itertools

from redis import exceptions

from kvgen.kv.interface import StoreError

_FORBIDDEN = ("this Redis user lacks the rights that kvgen needs", "allow it +@all ~kvgen:*")
_CREDENTIALS = "write redis://USER:PASSWORD@HOST:PORT/DB, or export REDISCLI_AUTH=PASSWORD"

#: By a word in the text of an error, in that of a script in its middle: what it means for a person,
#: and what to do.
_BY_WORD = {
    "NOAUTH": ("Redis does not accept the user or the password", _CREDENTIALS),
    "NOPERM": _FORBIDDEN,
    "The user executing the script": _FORBIDDEN,
    "ACL failure in script:": _FORBIDDEN,  # Valkey's
    "OOM": (
        "Redis has no memory left",
        "raise maxmemory, or delete keys; acknowledged writes are not lost",
    ),
    "MISCONF": (
        "Redis cannot save its data, and takes no writes",
        "its log says why: a full disk, for example",
    ),
    "LOADING": ("Redis is still loading its data", "try again"),
    "certificate verify failed:": (
        "its certificate is not trusted",
        "name its certificate authority: rediss://HOST:PORT/DB?ssl_ca_certs=FILE",
    ),
    "DB index": (
        "this Redis has no database of that number",
        "it has those from 0 to 15, unless its setting `databases` says another number",
    ),
    "READONLY": ("this Redis is a replica, and takes no writes", "name the primary"),
}
_OTHER = ("Redis refuses the command", "its log may say why; a Redis Cluster is not supported")

#: By the class, where the client has taken that word away. The first that fits counts.
_BY_CLASS: tuple[tuple[type[Exception], tuple[str, str]], ...] = (
    (exceptions.AuthenticationError, _BY_WORD["NOAUTH"]),
    (exceptions.NoPermissionError, _FORBIDDEN),
    (exceptions.OutOfMemoryError, _BY_WORD["OOM"]),
    (exceptions.BusyLoadingError, _BY_WORD["LOADING"]),
    (exceptions.ReadOnlyError, _BY_WORD["READONLY"]),
    (exceptions.TimeoutError, ("Redis does not respond in time", "try again")),
    (
        exceptions.ConnectionError,
        ("Redis cannot be reached", "is Redis running there?"),
    ),
)


class ClearErrors:
    """A block in which Redis' errors become StoreErrors; one object serves any number of blocks."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, exceptions.RedisError):
            # Not as its cause: a traceback would show its text.
            raise StoreError(self._place, *_meaning(error)) from None


def _meaning(error: exceptions.RedisError) -> tuple[str, str]:
    by_word = (_BY_WORD[word] for word in _BY_WORD if f"{word} " in str(error))
    by_class = (meaning for kind, meaning in _BY_CLASS if isinstance(error, kind))
    return next(itertools.chain(by_word, by_class), _OTHER)
