"""Responses of handlers: streams, framing, responses without a body, errors of the entry."""

import contextlib
import socket
import time

import pytest

from tests.behaviour.conftest import each_server
from tests.behaviour.handlers import Handlers
from tests.behaviour.hosting import wait_until
from tests.behaviour.wire import exchange, parse_response, raw_request

_HANDLERS = Handlers(
    {
        "/stream": {
            "javascript": """
                const released = new Promise((resolve) => (release = resolve));
                async function* parts() {
                  yield bytes("first");
                  await released;
                  yield bytes("second");
                }
                const parting = parts();
                return new Response(new ReadableStream({
                  async pull(controller) {
                    const { value, done } = await parting.next();
                    if (done) controller.close();
                    else controller.enqueue(value);
                  },
                }));
            """,
            "python": """
                released.clear()
                async def parts():
                    yield b"first"
                    await released.wait()
                    yield b"second"
                return StreamingResponse(parts())
            """,
            "go": """
                io.WriteString(w, "first")
                http.NewResponseController(w).Flush()
                <-released
                io.WriteString(w, "second")
            """,
        },
        "/release": {
            "javascript": 'release(); return new Response("released");',
            "python": 'released.set(); return PlainTextResponse("released")',
            "go": 'released <- true; io.WriteString(w, "released")',
        },
        "/endless": {
            "javascript": """
                return new Response(new ReadableStream({
                  async pull(controller) {
                    await new Promise((resolve) => setTimeout(resolve, 1));
                    controller.enqueue(bytes("x".repeat(1000)));
                  },
                  cancel() { ended += 1; },
                }));
            """,
            "python": """
                async def parts():
                    global ended
                    try:
                        while True:
                            await asyncio.sleep(0.001)
                            yield b"x" * 1000
                    finally:
                        ended += 1
                return StreamingResponse(parts())
            """,
            "go": """
                for r.Context().Err() == nil {
                    w.Write(make([]byte, 1000))
                }
                ended.Add(1)
            """,
        },
        "/ended": {
            "javascript": "return new Response(ended);",
            "python": "return PlainTextResponse(str(ended))",
            "go": "fmt.Fprint(w, ended.Load())",
        },
        "/hanging": {
            "javascript": "await new Promise(() => {});",
            "python": "await asyncio.Event().wait()",
            "go": "select {}",
        },
        "/framed": {
            "javascript": """
                return new Response("hello", {
                  headers: {
                    "Content-Length": "9", "Transfer-Encoding": "chunked", Trailer: "X-T",
                    Connection: "close", "Keep-Alive": "timeout=99",
                  },
                });
            """,
            "python": """
                return Response("hello", headers={
                    "Transfer-Encoding": "chunked", "Trailer": "X-T",
                    "Connection": "close", "Keep-Alive": "timeout=99",
                })
            """,
        },
        "/last": {"go": 'w.Header().Set("Connection", "close"); io.WriteString(w, "last")'},
        "/trailer": {"go": """
                w.Header().Set("Trailer", "X-T")
                io.WriteString(w, "hello")
                w.Header().Set("X-T", "after")
            """},
        "/short": {"go": 'w.Header().Set("Content-Length", "9"); io.WriteString(w, "hello")'},
        "/framed-stream": {
            "javascript": """
                const body = new ReadableStream({
                  start(controller) {
                    controller.enqueue(bytes("hello"));
                    controller.close();
                  },
                });
                return new Response(body, { headers: { "Content-Length": "9" } });
            """,
        },
        "/hello": {
            "javascript": 'return new Response("hello", { headers: { ETag: "x" } });',
            "python": 'return PlainTextResponse("hello", headers={"ETag": "x"})',
            "go": 'w.Header().Set("ETag", "x"); io.WriteString(w, "hello")',
        },
        "/large": {
            "javascript": 'return new Response("x".repeat(3e6));',
            "python": 'return Response("x" * 3_000_000)',
            "go": "w.Write(make([]byte, 3_000_000))",
        },
        "/bytes": {
            "javascript": "return new Response(new Uint8Array([0, 255, 10]));",
            "python": 'return Response(b"\\x00\\xff\\n")',
            "go": 'w.Write([]byte("\\x00\\xff\\n"))',
        },
        "/cookies": {
            "javascript": """
                const response = new Response("x");
                response.headers.append("Set-Cookie", "a=1; Path=/");
                response.headers.append("Set-Cookie", "b=2, c");
                return response;
            """,
            "python": """
                response = Response("x")
                response.headers.append("Set-Cookie", "a=1; Path=/")
                response.headers.append("Set-Cookie", "b=2, c")
                return response
            """,
            "go": """
                w.Header().Add("Set-Cookie", "a=1; Path=/")
                w.Header().Add("Set-Cookie", "b=2, c")
                io.WriteString(w, "x")
            """,
        },
        "/204": {
            "javascript": "return new Response(null, { status: 204 });",
            "python": 'return Response("not sent", 204)',
            "go": 'w.WriteHeader(204); io.WriteString(w, "not sent")',
        },
        "/304": {
            "javascript": 'return new Response(null, { status: 304, headers: { ETag: "x" } });',
            "python": 'return Response("not sent", 304, {"ETag": "x"})',
            "go": 'w.Header().Set("ETag", "x"); w.WriteHeader(304); io.WriteString(w, "not sent")',
        },
        "/599": {
            "javascript": 'return new Response("own", { status: 599 });',
            "python": 'return Response("own", 599)',
            "go": 'w.WriteHeader(599); io.WriteString(w, "own")',
        },
    },
    {
        "javascript": "let release; let ended = 0;",
        "python": "released = asyncio.Event()\nended = 0",
        "go": """
            var released = make(chan bool)
            var ended atomic.Int32
        """,
    },
)


@pytest.fixture
def function(started_with, host):
    function = started_with(host, _HANDLERS)
    mark = len(function.log())
    yield function
    assert function.logged_since(mark) == ""
    assert function.process.poll() is None


@each_server
def test_stream_is_sent_as_it_is_made(function):
    with function.client.stream("GET", "/stream") as response:
        received = response.iter_bytes()
        assert next(received) == b"first"  # of a second part there is nothing yet
        assert function.fresh_request("GET", "/release").text == "released"
        assert b"".join(received) == b"second"


@each_server
def test_stream_ends_when_its_reader_has_left(function):
    ended = int(function.request("GET", "/ended").text)
    with socket.create_connection(("127.0.0.1", function.port), timeout=20) as raw:
        raw.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        assert raw.recv(10_000)
    wait_until(
        lambda: int(function.request("GET", "/ended").text) == ended + 1,
        "the stream goes on without a reader",
    )


@each_server
@pytest.mark.parametrize("path", ["/framed", "/framed-stream"])
def test_framing_is_not_for_the_handler_to_say(function, path):
    if path not in _HANDLERS.paths(function.language):
        return
    two = [
        f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n" for more in ("", "Connection: close\r\n")
    ]
    received = exchange(function.port, "".join(two).encode())
    assert received.count(b"HTTP/1.1 200 ") == 2  # on one connection
    assert received.count(b"hello") == 2
    first = received.lower().partition(b"\r\n\r\n")[0]
    assert b"content-length: 9" not in first
    assert b"trailer" not in first
    assert b"timeout=99" not in first
    if path == "/framed":
        assert b"content-length: 5" in first
        assert b"transfer-encoding" not in first


@pytest.mark.parametrize("host", ["go", "knative"])
def test_handler_may_close_the_connection_and_send_trailers(function):
    """In Go net/http does what a handler says of these."""
    two = b"".join(
        f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in ("/last", "/hello")
    )
    received = exchange(function.port, two)
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.endswith(b"\r\n\r\nlast")
    asked = b"GET /trailer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert exchange(function.port, asked).endswith(b"5\r\nhello\r\n0\r\nX-T: after\r\n\r\n")


@pytest.mark.parametrize("host", ["go", "knative"])
def test_wrong_length_cuts_the_connection_where_a_handler_may_set_one(function):
    """In Go people set a true Content-Length, and net/http sees to it that it is one."""
    received = exchange(function.port, b"GET /short HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.endswith(b"\r\n\r\nhello")


@each_server
def test_what_is_whole_at_once_has_a_length(function):
    for path, length in (("/hello", 5), ("/large", 3_000_000), ("/bytes", 3)):
        response = function.request("GET", path)
        assert len(response.content) == length
        if length < 10_000 or function.language != "go":  # which streams what is long
            assert response.headers["content-length"] == str(length)
            assert "transfer-encoding" not in response.headers
    assert function.request("GET", "/bytes").content == b"\x00\xff\n"


@each_server
def test_head_has_the_headers_of_get_and_no_body(function):
    head, get = function.request("HEAD", "/hello"), function.request("GET", "/hello")
    assert head.headers["content-length"] == "5" == get.headers["content-length"]
    assert head.headers["etag"] == get.headers["etag"] == "x"
    # Whatever came after the head would be taken for the next response.
    two = b"HEAD /large HTTP/1.1\r\nHost: x\r\n\r\nHEAD /hello HTTP/1.1\r\nHost: x\r\n"
    received = exchange(function.port, two + b"Connection: close\r\n\r\n")
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert b"xxx" not in received
    assert received.endswith(b"\r\n\r\n")


@each_server
@pytest.mark.parametrize("status", [204, 304])
def test_response_that_cannot_have_a_body_has_neither_body_nor_length(function, status):
    got, headers, body = raw_request(function.port, "GET", f"/{status}")
    assert (got, body) == (status, b"")
    assert "content-length" not in headers
    assert "transfer-encoding" not in headers
    assert headers.get("etag") == ("x" if status == 304 else None)


@each_server
def test_cookies_stay_apart_and_any_status_is_sent(function):
    cookies = function.request("GET", "/cookies").headers.get_list("set-cookie")
    assert cookies == ["a=1; Path=/", "b=2, c"]
    response = function.request("GET", "/599")
    assert (response.status_code, response.text) == (599, "own")


@pytest.mark.parametrize("host", ["javascript", "node18", "typescript"])
def test_method_that_a_request_cannot_have_is_405_and_a_bad_host_400(function):
    assert raw_request(function.port, "TRACE", "/hello")[0] == 405
    for name in ("a b", "[", "x:99999"):
        sent = f"GET /hello HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
        status, headers, body = parse_response(exchange(function.port, sent.encode()))
        assert (status, headers["content-type"]) == (400, "application/json"), name
        assert body.startswith(b'{"error":'), name
    tunnel = exchange(function.port, b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n")
    assert tunnel == b"" or parse_response(tunnel)[0] == 405
    assert function.request("GET", "/hello").text == "hello"


@pytest.mark.parametrize("host", ["javascript"])  # elsewhere this is the host's to do
def test_sigterm_waits_ten_seconds_at_most(started_with, host):
    function = started_with(host, _HANDLERS)
    with socket.create_connection(("127.0.0.1", function.port), timeout=30) as raw:
        raw.sendall(b"GET /hanging HTTP/1.1\r\nHost: x\r\n\r\n")
        assert function.fresh_request("GET", "/hello").text == "hello"
        began = time.monotonic()
        function.process.terminate()
        assert function.process.wait(20) == 0
        assert 9 < time.monotonic() - began < 15
        with contextlib.suppress(ConnectionError):
            assert raw.recv(100) == b""
