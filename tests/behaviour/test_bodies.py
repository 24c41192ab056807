"""Bodies of requests: read by a handler, left unread, too large, unfinished."""

import contextlib
import socket

import pytest

from tests.behaviour.conftest import each_server
from tests.behaviour.handlers import Handlers
from tests.behaviour.visits import is_error
from tests.behaviour.wire import LAST_CHUNK, chunk, read_answer, read_to_end

pytestmark = each_server

_MIB = 2**20
_LARGEST = 10 * _MIB  # bytes of a body
_TOO_LARGE = "request body too large"

_HANDLERS = Handlers(
    {
        "/json": {
            "javascript": "return new Response((await request.json()).name);",
            "python": 'return PlainTextResponse((await request.json())["name"])',
            "go": """
                var sent struct{ Name string }
                if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
                    return err
                }
                fmt.Fprint(w, sent.Name)
            """,
        },
        "/form": {
            "javascript": 'return new Response((await request.formData()).get("colour"));',
            "python": """
                form = parse_qs((await request.body()).decode())
                return PlainTextResponse(form["colour"][0])
            """,
            "go": 'fmt.Fprint(w, r.FormValue("colour"))',
        },
        "/size": {
            "javascript": "return new Response((await request.arrayBuffer()).byteLength);",
            "python": "return PlainTextResponse(str(len(await request.body())))",
            "go": """
                size, err := io.Copy(io.Discard, r.Body)
                if err != nil {
                    return err
                }
                fmt.Fprint(w, size)
            """,
        },
        "/stream": {
            "javascript": """
                let size = 0;
                for await (const part of request.body) size += part.length;
                return new Response(size);
            """,
            "python": """
                size = 0
                async for part in request.stream():
                    size += len(part)
                return PlainTextResponse(str(size))
            """,
            "go": """
                size := 0
                for part := make([]byte, 1000); ; {
                    n, err := r.Body.Read(part)
                    size += n
                    if err == io.EOF {
                        break
                    }
                    if err != nil {
                        return err
                    }
                }
                fmt.Fprint(w, size)
            """,
        },
        "/unread": {
            "javascript": 'return new Response("unread");',
            "python": 'return PlainTextResponse("unread")',
            "go": 'fmt.Fprint(w, "unread")',
        },
    }
)


@pytest.fixture
def function(started_with, host):
    return started_with(host, _HANDLERS)


@pytest.fixture
def connection(function):
    with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield raw
    assert function.request("GET", "/unread").text == "unread"


def _head(method, path, *lines):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def _in_pieces(data, size=1000):
    yield from (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_handler_reads_json_forms_and_bytes(function, chunked):
    def post(path, body, content_type):
        content = _in_pieces(body, 5) if chunked else body
        response = function.request(
            "POST", path, content=content, headers={"Content-Type": content_type}
        )
        assert response.status_code == 200
        return response.text

    assert post("/json", '{"name": "Zoë"}'.encode(), "application/json") == "Zoë"
    assert post("/form", b"colour=blue&x=1", "application/x-www-form-urlencoded") == "blue"
    assert post("/size", b"x" * 3000, "text/plain") == "3000"
    assert post("/stream", b"x" * 3000, "text/plain") == "3000"


def test_body_that_is_not_there_is_empty(function):
    assert function.request("POST", "/size").text == "0"
    assert function.request("GET", "/size").text == "0"


@pytest.mark.parametrize("path", ["/size", "/stream"])
def test_body_of_ten_mebibytes_is_read(function, path):
    body = b"x" * _LARGEST
    assert function.request("POST", path, content=body).text == str(_LARGEST)
    assert function.request("POST", path, content=_in_pieces(body, _MIB)).text == str(_LARGEST)


@pytest.mark.parametrize("path", ["/size", "/unread"])
def test_longer_content_length_is_413_before_a_byte_is_read(connection, path):
    connection.sendall(_head("POST", path, f"Content-Length: {_LARGEST + 1}"))
    status, headers, body = read_answer(connection)
    assert (status, body) == (413, b'{"error":"request body too large"}')
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    with contextlib.suppress(OSError):  # a client that goes on is cut off
        connection.sendall(b"x" * _LARGEST)
        assert read_to_end(connection) == b""


@pytest.mark.parametrize("path", ["/size", "/stream"])
def test_chunks_beyond_the_limit_are_413(function, connection, path):
    mark = len(function.log())
    connection.sendall(_head("POST", path, "Transfer-Encoding: chunked"))
    with contextlib.suppress(OSError):  # it may be answered, and closed, before all is sent
        for _ in range(11):
            connection.sendall(chunk(b"x" * _MIB))
        connection.sendall(LAST_CHUNK)
    status, _, body = read_answer(connection)
    assert (status, body) == (413, b'{"error":"request body too large"}')
    assert function.logged_since(mark) == ""


def test_413_is_an_error_like_any_other(function):
    def one_byte_too_many():
        yield from _in_pieces(b"x" * (_LARGEST + 1), _MIB)

    assert is_error(function.request("POST", "/size", content=one_byte_too_many()), 413, _TOO_LARGE)


def test_unread_body_up_to_a_mebibyte_leaves_the_connection_to_the_next_request(connection):
    for size in (0, 1, _MIB):
        connection.sendall(_head("POST", "/unread", f"Content-Length: {size}") + b"x" * size)
        assert read_answer(connection)[2] == b"unread"
        connection.sendall(_head("PUT", "/unread", "Transfer-Encoding: chunked"))
        connection.sendall((chunk(b"x" * size) if size else b"") + LAST_CHUNK)
        assert read_answer(connection)[2] == b"unread"
    connection.sendall(_head("GET", "/unread", "Content-Length: 3") + b"abc")
    assert read_answer(connection)[2] == b"unread"
    connection.sendall(_head("GET", "/unread"))
    assert read_answer(connection)[2] == b"unread"


def test_body_that_comes_in_pieces_leaves_the_connection_to_the_next_request(connection):
    for _ in range(3):
        connection.sendall(_head("POST", "/unread", "Content-Length: 3"))
        for piece in (b"a", b"b", b"c"):
            connection.sendall(piece)
        assert read_answer(connection)[2] == b"unread"


@pytest.mark.parametrize("framing", [f"Content-Length: {2 * _MIB}", "Transfer-Encoding: chunked"])
def test_unread_body_beyond_a_mebibyte_closes_the_connection(connection, framing):
    too_much = b"x" * (_MIB + 1)
    connection.sendall(_head("POST", "/unread", framing))
    with contextlib.suppress(OSError):  # nobody has to read on
        connection.sendall(chunk(too_much) if "chunked" in framing else too_much)
    assert read_answer(connection)[2] == b"unread"
    with contextlib.suppress(OSError):
        connection.sendall(chunk(too_much))
    assert read_to_end(connection) == b""


@pytest.mark.parametrize("framing", ["Content-Length: 3", "Transfer-Encoding: chunked"])
def test_body_that_does_not_come_does_not_hold_the_response_back(connection, framing):
    connection.sendall(_head("PUT", "/unread", framing))
    assert read_answer(connection)[2] == b"unread"


def test_body_without_end_is_not_read_on(connection):
    connection.settimeout(5)
    connection.sendall(_head("POST", "/unread", "Transfer-Encoding: chunked"))
    endless = chunk(b"x" * _MIB) * 24  # the buffers on the way hold a few mebibytes
    with pytest.raises((ConnectionError, TimeoutError)):
        connection.sendall(endless)


def test_client_that_waits_for_continue_is_told_to_go_on(connection):
    connection.sendall(_head("POST", "/size", "Content-Length: 3", "Expect: 100-continue"))
    told = b""
    while not told.endswith(b"\r\n\r\n"):
        told += connection.recv(1)
    assert told.startswith(b"HTTP/1.1 100 ")
    connection.sendall(b"abc")
    assert read_answer(connection)[2] == b"3"


@pytest.mark.parametrize("path", ["/size", "/stream", "/unread"])
@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_client_that_leaves_within_its_body_is_not_mentioned(function, path, framing):
    mark = len(function.log())
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
            raw.sendall(_head("POST", path, framing) + b"5\r\nhel")
    assert function.request("GET", "/unread").text == "unread"
    assert function.logged_since(mark) == ""
