"""What Redis' failures are called. Its own texts may repeat what was sent, and go nowhere."""

from redis import exceptions

from kvgen.kv.interface import StoreError

_CREDENTIALS = "write redis://USER:PASSWORD@HOST:PORT/DB, or export REDISCLI_AUTH=PASSWORD"

#: By the code that the error of a command starts with: what it means for a person, what to do.
_BY_CODE = {
    "NOAUTH": ("Redis does not take the user or the password", _CREDENTIALS),
    "NOPERM": ("Redis does not permit this user what kvgen needs", "allow it +@all ~kvgen:*"),
    "OOM": (
        "Redis has no memory left",
        "raise maxmemory, or delete keys; what was acknowledged is still there",
    ),
    "MISCONF": (
        "Redis cannot save its data, and takes no writes",
        "its log says why: a full disk, for example",
    ),
    "LOADING": ("Redis is still loading its data", "try again"),
    "READONLY": ("this Redis is a replica, and takes no writes", "name the primary"),
}
_OTHER = ("Redis refuses the command", "its log may say why; a Redis Cluster is not supported")

#: By the class, where the client has taken the code away. The first that fits counts.
_BY_CLASS: tuple[tuple[type[Exception], tuple[str, str]], ...] = (
    (exceptions.AuthenticationError, _BY_CODE["NOAUTH"]),
    (exceptions.NoPermissionError, _BY_CODE["NOPERM"]),
    (exceptions.OutOfMemoryError, _BY_CODE["OOM"]),
    (exceptions.BusyLoadingError, _BY_CODE["LOADING"]),
    (exceptions.ReadOnlyError, _BY_CODE["READONLY"]),
    (exceptions.TimeoutError, ("Redis does not answer in time", "try again")),
    (exceptions.ConnectionError, ("Redis cannot be reached", "is it running there?")),
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
    for kind, meaning in _BY_CLASS:
        if isinstance(error, kind):
            return meaning
    # In a script the code stands in the middle of the text.
    return next((_BY_CODE[code] for code in _BY_CODE if f"{code} " in str(error)), _OTHER)
