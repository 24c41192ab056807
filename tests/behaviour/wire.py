"""Requests on a bare socket, since client libraries rewrite targets."""

import contextlib
import socket


def raw_request(
    port: int, method: str, target: str, *headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a request line as it is; returns the status, headers by lower-case name, and body."""
    lines = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall("\r\n".join(lines).encode("latin-1"))
        return parse_response(read_to_end(raw))


def parse_response(data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Split a response that ends with its connection."""
    head, _, body = data.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":")[::2] for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        body = _joined(body)
    return int(status_line.split()[1]), headers, body


def read_answer(raw: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read one response that has a length; returns what raw_request does."""
    reader = raw.makefile("rb")
    head = b"".join(iter(reader.readline, b"\r\n")) + b"\r\n"
    status, headers, _ = parse_response(head)
    return status, headers, reader.read(int(headers["content-length"]))


def read_to_end(raw: socket.socket) -> bytes:
    """Read what comes until the other side closes, or breaks, the connection."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := raw.recv(65_536):
            data += chunk
    return data


def _joined(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        whole, body = whole + rest[:length], rest[length + 2 :]
    return whole
