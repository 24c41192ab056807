"""A request whose body never ends: it is not read to the end that it has not."""

import socket

import pytest

from kvgen.scaffold.model import LANGUAGES

_CHUNK = b"10000\r\n" + b"x" * 2**16 + b"\r\n"
_ENOUGH = 24 * 2**20  # bytes: a mebibyte is read, and the buffers on the way hold a few


def _taken(raw):
    """Return how much of a body is taken, until the connection is cut or nobody reads on."""
    for count in range(_ENOUGH // len(_CHUNK)):
        try:
            raw.sendall(_CHUNK)
        except OSError:
            return count * len(_CHUNK)
    return _ENOUGH


@pytest.mark.parametrize("host", [language.name for language in LANGUAGES])
def test_body_without_end_is_not_read_on(start, host):
    function = start("session", host)
    with socket.create_connection(("127.0.0.1", function.port), timeout=5) as raw:
        head = "GET / HTTP/1.1\r\nHost: x\r\nX-Session-ID: endless-endless-endless\r\n"
        raw.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        assert _taken(raw) < _ENOUGH
    assert function.request("GET", "/health").status_code == 200
