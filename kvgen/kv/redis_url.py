"""The address of a Redis server. Pure.

It may hold a password: no error quotes it, and it is shown without.
"""

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

from kvgen.errors import InvalidAnswerError

_DATABASE = re.compile(r"(/[0-9]*)?")
#: What may stand after a question mark, by the scheme.
_OPTIONS = {
    "redis": set[str](),
    "rediss": {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"},
    "unix": {"db"},
}


def checked_url(url: str) -> str:
    """Return the URL; raises InvalidAnswerError if it cannot be that of a Redis server."""
    try:
        is_right = _is_right(urlsplit(url))
    except ValueError:
        is_right = False
    if not is_right:
        raise InvalidAnswerError(
            "--store takes redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS, or"
            " unix:///PATH?db=DB, with a number as DB, and / and the like in a password"
            " percent-encoded",
            "for example --store redis://localhost:6379/0",
        )
    return url


def shown_url(url: str) -> str:
    """Return the URL without user, password and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def _is_right(parts: SplitResult) -> bool:
    options = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme not in _OPTIONS or not options.keys() <= _OPTIONS[parts.scheme]:
        return False
    if parts.scheme == "unix":
        return bool(parts.path) and all(map(str.isdecimal, options.get("db", [])))
    # A malformed port or host name raises ValueError.
    host, port = (parts.hostname or "").encode("idna"), parts.port
    return bool(host and port != 0 and _DATABASE.fullmatch(parts.path))
