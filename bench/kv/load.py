"""Load for a server on this machine: one request at a time on each of some connections.

A process of its own, so that it competes with the server as a real client would, and leaner than
any HTTP library, so that it is the server that is measured:

    python bench/kv/load.py 127.0.0.1:8787 --seconds 2 --connections 16 < requests.json

Standard input is a JSON array of requests, each ``{"method", "target", "headers", "body"}``; they
are sent in turn, over and over. Prints a JSON object: requests a second, latencies in
milliseconds, and how often each status was seen. What is no whole answer is an error.
"""

import argparse
import collections
import functools
import json
import math
import selectors
import socket
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_MOST = 1 << 16  # bytes of one read


class Connection:
    """A connection, the answer that is coming in on it, and when it was asked for."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked = 0.0
        self._received = b""

    def ask(self, request: bytes) -> None:
        """Send one request."""
        self.asked = time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> bytes | None:
        """Read what has come; the status once the answer is whole, None before."""
        received = self.socket.recv(_MOST)
        if not received:
            raise ConnectionError("the server closed the connection in an answer")
        if self._received:
            received = self._received + received
        head = received.find(b"\r\n\r\n")
        if head < 0 or len(received) < head + 4 + _length(received[:head], received):
            self._received = received
            return None
        self._received = b""
        return received[9:12]


def _length(head: bytes, answer: bytes) -> int:
    """Return the length of the body; an answer in chunks is read up to its last one."""
    length = _declared(head)
    if length is not None:
        return length
    return 0 if answer.endswith(b"0\r\n\r\n") else sys.maxsize


@functools.lru_cache(256)  # of a second's answers, all have the same few heads
def _declared(head: bytes) -> int | None:
    """Return what a head says of the length of its body; None where that comes in chunks."""
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    if at >= 0:
        return int(lowered[at + 15 :].split(b"\r", 1)[0])
    return None if b"chunked" in lowered else 0


def encode(request: Mapping[str, Any], host: str) -> bytes:
    """Return a request as it goes over the wire."""
    body: bytes = request.get("body", "").encode()
    lines = [f"{request['method']} {request['target']} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.get("headers", {}).items()]
    if body or request["method"] == "PUT":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body


def drive(
    host: str,
    port: int,
    requests: Sequence[bytes],
    connections: int,
    count: float = math.inf,
    seconds: float = math.inf,
) -> dict[str, Any]:
    """Make ``count`` requests, or as many as go out in ``seconds``, and return the report."""
    selector = selectors.DefaultSelector()
    latencies: list[float] = []
    statuses: collections.Counter[bytes] = collections.Counter()
    asked = answered = 0
    began = time.perf_counter()
    until = began + seconds
    for _ in range(int(min(connections, count))):
        connection = Connection(host, port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(requests[asked % len(requests)])
        asked += 1
    while answered < asked:
        for ready, _ in selector.select():
            connection = ready.data
            status = connection.status()
            if status is None:
                continue
            now = time.perf_counter()
            latencies.append(now - connection.asked)
            statuses[status] += 1
            answered += 1
            if asked < count and now < until:
                connection.ask(requests[asked % len(requests)])
                asked += 1
            else:
                selector.unregister(connection.socket)
                connection.socket.close()
    return _report(latencies, time.perf_counter() - began, statuses)


def _report(
    latencies: Iterable[float], seconds: float, statuses: Mapping[bytes, int]
) -> dict[str, Any]:
    ordered = sorted(latencies)
    at = {name: ordered[int(len(ordered) * share)] for name, share in (("p50", 0.5), ("p99", 0.99))}
    return {
        "per_second": round(len(ordered) / seconds, 1),
        **{f"{name}_ms": round(value * 1000, 3) for name, value in at.items()},
        "statuses": {status.decode(): count for status, count in statuses.items()},
    }


def main() -> None:
    """Read what to send, send it, and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="HOST:PORT")
    parser.add_argument("--requests", type=float, default=math.inf)
    parser.add_argument("--seconds", type=float, default=math.inf)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    host, _, port = options.address.rpartition(":")
    requests = [encode(request, options.address) for request in json.load(sys.stdin)]
    report = drive(
        host, int(port), requests, options.connections, options.requests, options.seconds
    )
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
