"""Requests on a bare socket, since client libraries rewrite targets."""

import contextlib
import io
import socket


def raw_request(
    port: int, method: str, target: str, *headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a request line as it is; returns the status, headers by lower-case name, and body."""
    lines = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall("\r\n".join(lines).encode("latin-1"))
        return parse_response(read_to_end(raw))


def exchange(port: int, request: bytes) -> bytes:
    """Send bytes, and return all that comes until the other side closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall(request)
        return read_to_end(raw)


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
    """Read one response, and nothing of the next; returns what raw_request does."""
    with raw.makefile("rb", buffering=0) as reader:
        head = _until_empty_line(reader)
        status, headers, _ = parse_response(head)
        if headers.get("transfer-encoding") == "chunked":
            chunks = b""
            while not chunks.endswith(b"0\r\n\r\n"):
                more = _until_empty_line(reader)
                assert more, f"the response was cut after {chunks!r}"
                chunks += more
            return parse_response(head + chunks)
        length, body = int(headers["content-length"]), b""
        while len(body) < length and (more := reader.read(length - len(body))):
            body += more
        return status, headers, body


def _until_empty_line(reader: io.RawIOBase) -> bytes:
    read = b""
    while not read.endswith(b"\r\n\r\n") and (more := reader.read(1)):
        read += more
    return read


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


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"
