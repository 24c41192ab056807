"""The names under which a server on this machine may be asked for. Pure.

A web page can give a name of its own the address 127.0.0.1 (DNS rebinding), and its requests are
then of the same origin as the page: only their Host tells them from those of this machine.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from kvgen.errors import InvalidAnswerError

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{0,5})?")
_NAME = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:]+")
_MOST_REMEMBERED = 64

#: The response to any other, for both servers.
MISDIRECTED = "This name is not served here: ask for localhost, or start kvgen with --allow-host."


class Hosts:
    """Loopback, the address that was bound, and the names that were allowed beside them.

    A server that listens on all addresses may be asked for by any address, though by no name: only
    a name can be made to lead here.
    """

    def __init__(self, bound: str = "127.0.0.1", allowed: Iterable[str] = ()) -> None:
        self._names = {"localhost", bound.lower(), *map(_checked, allowed)}
        address = _address(bound)
        self._is_any = bool(address and address.is_unspecified)
        self._known: set[bytes] = set()

    def allow(self, host: bytes) -> bool:
        """Whether a request with this Host is served; its port may be any."""
        if host in self._known:
            return True
        match = _HOST.fullmatch(host.decode("latin-1").lower())
        if not match or not self._is_allowed(match[1].strip("[]")):
            return False
        if len(self._known) < _MOST_REMEMBERED:
            self._known.add(host)
        return True

    def _is_allowed(self, name: str) -> bool:
        address = _address(name)
        is_here = address is not None and (self._is_any or address.is_loopback)
        return is_here or name in self._names


def is_foreign(origin: bytes, host: bytes) -> bool:
    """Whether an Origin is another than that of the server, which has the Host's name and port."""
    try:
        parts = urlsplit(origin.decode("latin-1").lower())
    except ValueError:
        return True
    return parts.scheme not in ("http", "https") or parts.netloc != host.decode("latin-1").lower()


def _checked(name: str) -> str:
    bare = name.lower().strip("[]")
    if not _NAME.fullmatch(bare):
        raise InvalidAnswerError(
            f"--allow-host {name!r}: a host is a name or an address, without scheme and port",
            "for example --allow-host kv",
        )
    return bare


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
