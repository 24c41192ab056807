"""The address of a Redis server. Pure.

It may hold a password, so it is never quoted: neither in an error nor where it is shown.
"""

import re
from urllib.parse import SplitResult, urlsplit

from kvgen.errors import InvalidAnswerError

_DATABASE = re.compile(r"(/[0-9]*)?")


def checked_url(url: str) -> str:
    """Return the URL; raises InvalidAnswerError where it cannot be that of a Redis server."""
    try:
        is_right = _is_right(urlsplit(url))
    except ValueError:
        is_right = False
    if not is_right:
        raise InvalidAnswerError(
            "--store takes redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS, or"
            " unix:///PATH?db=DB, with / and the like in a password percent-encoded",
            "for example --store redis://localhost:6379/0",
        )
    return url


def shown_url(url: str) -> str:
    """Return the URL without user, password and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def _is_right(parts: SplitResult) -> bool:
    if parts.scheme == "unix":
        return bool(parts.path)
    # A port that is none is a ValueError.
    is_address = bool(parts.hostname) and parts.port != 0
    return parts.scheme in ("redis", "rediss") and is_address and _is_database(parts.path)


def _is_database(path: str) -> bool:
    return bool(_DATABASE.fullmatch(path))
