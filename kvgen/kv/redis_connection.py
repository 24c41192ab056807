"""How a Redis server is reached, and how new it has to be."""

import os

from redis import ConnectionError, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from kvgen.kv.interface import StoreError

OLDEST = (6, 2)  # of those that the store was tried with
_CONNECT_SECONDS, _ANSWER_SECONDS = 2.0, 5.0


def connected(url: str) -> Redis:
    """Return a client; it connects when it is first used, as it does after a failure."""
    return Redis.from_url(
        url,
        # As redis-cli has it: the arguments of a process are for everybody to see.
        password=os.environ.get("REDISCLI_AUTH"),
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=_ANSWER_SECONDS,
        protocol=2,
        # Once more at once: connections that were kept end where Redis is restarted. All commands
        # of the store may be repeated. None is after a time-out: the next would take as long.
        retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
    )


def check_version(redis: Redis, place: str) -> None:
    """Refuse a server that is too old."""
    version = str(redis.info("server")["redis_version"])
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise StoreError(place, f"Redis {version} is too old", f"upgrade it to {oldest} or newer")
