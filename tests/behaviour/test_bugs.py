"""Handlers with a bug: one 500, or a cut connection, and one line in the log; life goes on."""

import pytest

from tests.behaviour.conftest import each_server
from tests.behaviour.handlers import Handlers
from tests.behaviour.hosting import wait_until
from tests.behaviour.visits import is_error
from tests.behaviour.wire import exchange, raw_request

pytestmark = each_server

#: Each of these is a 500 and one line; a language leaves out what it cannot even say.
_BUGS = {
    "/status-1000": {
        "javascript": 'return new Response("", { status: 1000 });',
        "python": 'return Response("", 1000)',
        "go": "w.WriteHeader(1000)",
    },
    "/status-0": {
        "javascript": 'return new Response("", { status: 0 });',
        "python": 'return Response("", 0)',
        "go": "w.WriteHeader(0)",
    },
    "/status-199": {
        "javascript": 'return new Response("", { status: 199 });',
        "python": 'return Response("", 199)',
    },
    "/status-text": {
        "javascript": "return Response.error();",
        "python": 'return Response("", "200")',
    },
    "/nothing": {"javascript": "return;", "python": "return None"},
    "/no-response": {
        "javascript": 'return { status: 200, body: "x" };',
        "python": 'return {"status": 200, "body": "x"}',
    },
    "/line-break": {
        "javascript": 'return new Response("", { headers: { "X-A": "a\\r\\nX-B: b" } });',
        "python": 'return Response("", headers={"X-A": "a\\r\\nX-B: b"})',
    },
    "/control": {
        "javascript": 'return new Response("", { headers: { "X-A": "a\\u0001" } });',
        "python": 'return Response("", headers={"X-A": "a\\x01"})',
    },
    "/dash": {
        "javascript": 'return new Response("", { headers: { "X-A": "\\u2014" } });',
        "python": 'return Response("", headers={"X-A": "\\u2014"})',
    },
    "/name": {
        "javascript": 'return new Response("", { headers: { "X A": "a" } });',
        "python": 'return Response("", headers={"X A": "a"})',
    },
    "/body-of-another-type": {
        "javascript": """
            return new Response(new ReadableStream({
              start(controller) {
                controller.enqueue(5);
                controller.close();
              },
            }));
        """,
        "python": "return Response(5)",
    },
    "/body-read-before": {
        "javascript": 'const read = new Response("x"); await read.text(); return read;',
    },
    "/stream-fails-at-once": {
        "javascript": """
            return new Response(new ReadableStream({
              start: (controller) => controller.error(new Error("no")),
            }));
        """,
        "python": """
            async def failing():
                raise ValueError("no")
                yield b""
            return StreamingResponse(failing())
        """,
        "go": 'w.Header().Set("Content-Length", "1"); return errors.New("no")',
    },
    "/stream-is-rejected": {
        "javascript": """
            return new Response(new ReadableStream({ pull: () => Promise.reject(null) }));
        """,
    },
    "/thrown": {
        "javascript": 'throw new Error("no");',
        "python": 'raise ValueError("no")',
        "go": 'return errors.New("no")',
    },
    "/thrown-text": {
        "javascript": 'throw "text";',
        "python": 'raise "text"',
        "go": 'panic("text")',
    },
    "/thrown-null": {"javascript": "throw null;", "go": "panic(nil)"},
    "/thrown-undefined": {"javascript": "throw undefined;"},
    "/thrown-symbol": {"javascript": 'throw Symbol("x");'},
    "/several-lines": {
        "javascript": 'throw new Error("one\\r\\ntwo\\u001b[31m\\u0007\\u0085\\u2028");',
        "python": 'raise ValueError("one\\r\\ntwo\\x1b[31m\\x07\\x85\\u2028")',
        "go": 'return errors.New("one\\r\\ntwo\\x1b[31m\\x07\\u0085\\u2028")',
    },
    "/panic-of-several-lines": {"go": 'panic("one\\r\\ntwo\\x1b[31m\\x07\\u0085\\u2028")'},
    "/nil": {"go": "var p *int; *p = 1"},
    "/recursion": {
        "javascript": "const deeper = () => deeper() + 1; deeper();",
        "python": "return await handler(request)",
    },
    "/status-that-is-not-for-everyone": {
        "javascript": 'throw Object.assign(new Error("secret"), { status: 404 });',
    },
    "/error-with-an-odd-status": {
        "javascript": 'throw Object.assign(new Error("x"), { status: 1000, expose: true });',
        "go": "return brewing(1000)",
    },
}

#: Each of these begins well and is cut off, with one line.
_HALVES = {
    "/half": {
        "javascript": """
            let begun = false;
            return new Response(new ReadableStream({
              async pull(controller) {
                if (begun) {
                  await new Promise((resolve) => setTimeout(resolve, 50));
                  throw new Error("no");
                }
                begun = true;
                controller.enqueue(bytes("half"));
              },
            }));
        """,
        "python": """
            async def failing():
                yield b"half"
                raise ValueError("no")
            return StreamingResponse(failing())
        """,
        "go": 'fmt.Fprint(w, "half"); http.NewResponseController(w).Flush(); panic("no")',
    },
    "/half-with-a-length": {
        "python": """
            async def failing():
                yield b"half"
                raise ValueError("no")
            return StreamingResponse(failing(), headers={"Content-Length": "8"})
        """,
        "go": 'w.Header().Set("Content-Length", "8"); fmt.Fprint(w, "half"); '
        'http.NewResponseController(w).Flush(); return errors.New("no")',
    },
    "/shorter-than-its-length": {
        "python": 'return Response("half", headers={"Content-Length": "8"})',
    },
    "/longer-than-its-length": {
        "python": 'return Response("half and more", headers={"Content-Length": "4"})',
    },
    "/half-of-a-rejection": {
        "javascript": """
            return new Response(new ReadableStream({
              async start(controller) {
                controller.enqueue(bytes("half"));
                await new Promise((resolve) => setTimeout(resolve, 50));
                controller.error("no");
              },
            }));
        """,
    },
    "/half-and-an-error": {
        "go": 'fmt.Fprint(w, "half"); http.NewResponseController(w).Flush(); '
        'return &kvError{"GET", "x"}',
    },
}

#: Each of these, in JavaScript alone, responds and fails later: one line, and no 500.
_LATER = {
    "/rejection": {
        "javascript": 'Promise.reject(new Error("late\\n")); return new Response("sent");',
    },
    "/rejection-with-null": {
        "javascript": 'Promise.reject(null); return new Response("sent");',
    },
    "/timer": {
        "javascript": """
            setTimeout(() => { throw new Error("late\\r\\n"); });
            return new Response("sent");
        """,
    },
}

_GOOD = {
    "/good": {
        "javascript": 'return new Response("good");',
        "python": 'return PlainTextResponse("good")',
        "go": 'fmt.Fprint(w, "good")',
    },
    "/line-break-in-go": {"go": 'w.Header().Set("X-A", "a\\r\\nX-B: b"); fmt.Fprint(w, "good")'},
    "/brewing": {
        "javascript": """
            throw Object.assign(new Error("short and stout"), { status: 418, expose: true });
        """,
        "python": 'raise HTTPException(418, "short and stout", {"X-Pot": "tea"})',
        "go": "return brewing(418)",
    },
    "/brewing-within": {"go": 'return fmt.Errorf("while at it: %w", brewing(418))'},
}

_HANDLERS = Handlers(
    {**_BUGS, **_HALVES, **_LATER, **_GOOD},
    {"go": """
            type brewing int

            func (brewing) Error() string { return "short and stout" }
            func (status brewing) HTTPStatus() int { return int(status) }
        """},
)


@pytest.fixture
def function(started_with, host):
    function = started_with(host, _HANDLERS)
    yield function
    assert function.request("GET", "/good").text == "good"
    assert function.process.poll() is None


def _paths(function, bugs):
    paths = Handlers(bugs).paths(function.language)
    assert paths, f"no bug is written in {function.language}"
    return paths


def _one_line_since(function, mark):
    wait_until(lambda: "\n" in function.logged_since(mark), "nothing was logged")
    assert function.request("GET", "/good").text == "good"
    logged = function.logged_since(mark)
    # uvicorn says in a line of its own that it has cut a response.
    logged = logged.replace("ERROR:    ASGI callable returned without completing response.\n", "")
    assert logged.count("\n") == 1, logged
    unwanted = [character for character in logged[:-1] if not character.isprintable()]
    assert unwanted == [], logged
    return True


def test_bug_is_500_and_one_line(function):
    for path in _paths(function, _BUGS):
        mark = len(function.log())
        assert is_error(function.request("GET", path), 500, "internal error"), path
        assert _one_line_since(function, mark), path


def test_bug_after_the_first_byte_cuts_the_connection(function):
    for path in _paths(function, _HALVES):
        mark = len(function.log())
        received = exchange(function.port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        # Without the last chunk, or short of its length: nobody takes it for whole.
        assert received.startswith(b"HTTP/1.1 200 "), path
        assert received.partition(b"\r\n\r\n")[2] in (b"4\r\nhalf\r\n", b"half", b""), path
        assert _one_line_since(function, mark), path


def test_bug_in_the_background_is_logged_and_no_500(function):
    for path in Handlers(_LATER).paths(function.language):
        mark = len(function.log())
        assert function.request("GET", path).text == "sent"
        assert _one_line_since(function, mark), path


def test_line_break_in_a_header_never_makes_a_header_of_its_own(function):
    path = "/line-break-in-go" if function.language == "go" else "/line-break"
    assert "x-b" not in raw_request(function.port, "GET", path)[1]


def test_error_with_a_status_of_its_own_is_sent_as_such(function):
    mark = len(function.log())
    pot = {"x-pot": "tea"} if function.language == "python" else {}
    assert is_error(function.request("GET", "/brewing"), 418, "short and stout", **pot)
    if function.language == "go":
        assert function.request("GET", "/brewing-within").status_code == 418
    assert function.logged_since(mark) == ""
