"""Handlers with a bug: whatever it is, a 500 and one line in the log, and life goes on."""

import socket

import pytest

from tests.behaviour.conftest import scaffolded
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.visits import Visitor, is_error
from tests.behaviour.wire import raw_request, read_to_end

_HANDLERS = {
    "javascript": ("handler.js", "handler(request) {\n", 'if (request.target === "%s") { %s }\n'),
    "python": (
        "function/handler.py",
        "handler(request: Request) -> Response:\n",
        '    if request.target == "%s": %s\n',
    ),
    "go": (
        "handler.go",
        "handler(w http.ResponseWriter, r *http.Request) error {\n",
        'if r.RequestURI == "%s" { %s; return nil }\n',
    ),
}

#: What a handler may get wrong, in the ways that its language has.
_BUGS = {
    "javascript": {
        "/nothing": "return;",
        "/no-response": "return { status: 200 };",
        "/read": 'const read = new Response("x"); await read.text(); return read;',
        "/broken": "return new Response(new ReadableStream({ pull(c) { c.error(Error()); } }));",
        "/no-status": "return Response.error();",
        "/header": 'return new Response("", { headers: { "X-A": "\\u0001" } });',
        "/dash": 'return new Response("", { headers: { "X-A": "\\u2014" } });',
        "/thrown": "throw null;",
        "/deep": "const f = () => f(); f();",
    },
    "python": {
        "/nothing": "return None",
        "/no-body": 'return {"status": 204}',
        "/body": 'return {"body": 5}',
        "/dash": 'return {"body": "", "headers": {"X-A": "\\u2014"}}',
        "/line": 'return {"body": "", "headers": {"X-A": "a\\r\\nX-B: b"}}',
        "/name": 'return {"body": "", "headers": {"X A": "a"}}',
        "/number": 'return {"body": "", "headers": {"X-A": 5}}',
        "/no-status": 'return {"body": "", "status": 99}',
        "/text": 'return {"body": "", "status": "200"}',
        "/half": 'return {"body": "\\ud800"}',
        "/deep": "return await handler(request)",
    },
    "go": {
        "/no-status": "w.WriteHeader(0)",
        "/large-status": "w.WriteHeader(1000)",
        "/length": 'w.Header().Set("Content-Length", "1"); panic("x")',
        "/nil": "var p *int; *p = 1",
    },
}


@pytest.fixture
def buggy(tmp_path, environment, host):
    """Run a session function whose handler does this and that for some targets."""

    def started(code_by_target):
        folder = scaffolded(tmp_path / "function", "session", HOSTS[host].language)
        name, place, line = _HANDLERS[HOSTS[host].language]
        bugs = "".join(line % bug for bug in code_by_target.items())
        code = (folder / name).read_text()
        assert place in code
        (folder / name).write_text(code.replace(place, place + bugs))
        (tmp_path / "work").mkdir()
        return hosted(folder, tmp_path / "work", environment, HOSTS[host])

    return started


@pytest.mark.parametrize("host", HOSTS)
def test_what_no_handler_may_answer_is_500_and_one_line_and_life_goes_on(buggy, kv, host):
    bugs = _BUGS[HOSTS[host].language]
    with buggy(bugs) as function:
        for target in bugs:
            mark = len(function.log())
            assert is_error(function.request("GET", target), 500, "internal error"), target
            assert function.logged_since(mark).count("\n") == 1, target
        assert Visitor(function, "session", kv).is_served()
        assert function.process.poll() is None


_ODD_HEADERS = {
    "javascript": (
        'return new Response("hello", '
        '{ headers: { "Content-Length": "9", Trailer: "X-T", "Transfer-Encoding": "chunked" } });'
    ),
    "python": (
        'return {"body": "hello", "headers": '
        '{"content-length": "9", "trailer": "X-T", "Transfer-Encoding": "chunked"}}'
    ),
}


@pytest.mark.parametrize("host", [host for host in HOSTS if HOSTS[host].language in _ODD_HEADERS])
def test_framing_is_not_for_the_handler_to_say(buggy, host):
    with buggy({"/framed": _ODD_HEADERS[HOSTS[host].language]}) as function:
        status, headers, body = raw_request(function.port, "GET", "/framed")
        assert (status, headers["content-length"], body) == (200, "5", b"hello")
        assert "trailer" not in headers
        assert "transfer-encoding" not in headers


_NO_BODY = {
    "javascript": "return new Response(null, { status: 204 });",
    "python": 'return {"status": 204, "body": "not sent"}',
    "go": "w.WriteHeader(204)",
}


@pytest.mark.parametrize("host", HOSTS)
def test_204_has_neither_body_nor_length(buggy, host):
    with buggy({"/empty": _NO_BODY[HOSTS[host].language]}) as function:
        status, headers, body = raw_request(function.port, "GET", "/empty")
        assert (status, body) == (204, b"")
        assert "content-length" not in headers


@pytest.mark.parametrize("host", ["go", "knative"])
def test_answer_that_has_begun_is_cut_off_and_not_gone_on_with(buggy, kv, host):
    """Only Go's handlers write bit by bit; a half must not look like a whole."""
    flush = "http.NewResponseController(w).Flush()"
    halves = {
        "/panic": f'w.Write([]byte("half")); {flush}; panic("x")',
        "/error": f'w.Write([]byte("half")); {flush}; return &kvError{{"GET", "x"}}',
    }
    with buggy(halves) as function:
        for target in halves:
            received = _raw(function.port, target)
            assert received.endswith(b"4\r\nhalf\r\n")  # without the last chunk, which is empty
        assert Visitor(function, "session", kv).is_served()


def _raw(port, target):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return read_to_end(raw)
