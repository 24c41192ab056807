"""What holds for every function: errors, bugs, health, configuration, bodies, being stopped."""

import contextlib
import socket

import pytest

from tests.behaviour.conftest import PATTERNS, each_host, scaffolded
from tests.behaviour.gate import HANG
from tests.behaviour.hosting import hosted, wait_until
from tests.behaviour.hosts import HOSTS, LANGUAGES
from tests.behaviour.visits import Visitor, is_error
from tests.behaviour.wire import raw_request, read_answer, read_to_end

each_pattern = pytest.mark.parametrize("pattern", PATTERNS)


@pytest.fixture
def visitor(start, kv, pattern, host):
    return Visitor(start(pattern, host), pattern, kv)


@each_host
@pytest.mark.parametrize(
    ("pattern", "method", "status", "message", "headers"),
    [
        ("session", "PUT", 405, "method not allowed", {"allow": "GET, POST, DELETE"}),
        ("cache", "POST", 405, "method not allowed", {"allow": "GET, HEAD"}),
    ],
)
def test_refusal_is_json_that_no_cache_keeps(visitor, method, status, message, headers):
    assert is_error(visitor.send(method), status, message, **headers)


# Where a handler begins in each language, and a bug to put there; the second is in what a cache
# does for several requests at once, outside of any of them.
_BUGS = {
    "javascript": (
        "handler.js",
        {
            "handler(request) {\n": 'if (request.target === "/bug") throw Error("secret\\nx");\n',
            "load(cacheKey, target) {\n": 'if (target === "/bug2") throw Error("secret\\nx");\n',
        },
    ),
    "python": (
        "function/handler.py",
        {
            "handler(request: Request) -> Response:\n": (
                '    if request.target == "/bug": raise RuntimeError("secret\\nx")\n'
            ),
            "load(key: str, target: str) -> cache.Found:\n": (
                '    if target == "/bug2": raise RuntimeError("secret\\nx")\n'
            ),
        },
    ),
    "go": (
        "handler.go",
        {
            "handler(w http.ResponseWriter, r *http.Request) error {\n": (
                'if r.RequestURI == "/bug" { panic("secret\\nx") }\n'
                'if r.RequestURI == "/bug2" { return errors.New("secret\\nx") }\n'
            ),
            "load(ctx context.Context, key, target string) (found, error) {\n": (
                'if target == "/bug3" { panic("secret\\nx") }\n'
            ),
            'import "net/http"\n': 'import "errors"\n',
            "import (\n": '"errors"\n',
        },
    ),
}


@each_pattern
@pytest.mark.parametrize("host", LANGUAGES)
def test_bug_is_500_and_one_line_in_the_log_and_life_goes_on(
    kv, environment, tmp_path, pattern, host
):
    folder = scaffolded(tmp_path / "function", pattern, host)
    name, bugs = _BUGS[host]
    code = (folder / name).read_text()
    for place, bug in bugs.items():
        code = code.replace(place, place + bug)
    (folder / name).write_text(code)
    targets = [f"/bug{n}" for n in ("", 2, 3) if f'"/bug{n}"' in code]
    (tmp_path / "work").mkdir()
    with hosted(folder, tmp_path / "work", environment) as function:
        for target in targets:
            for _ in range(2):
                mark = len(function.log())
                assert is_error(function.request("GET", target), 500, "internal error")
                assert "secret" in function.logged_since(mark)
                assert function.logged_since(mark).count("\n") == 1
        assert Visitor(function, pattern, kv).is_served()


@each_host
@each_pattern
@pytest.mark.parametrize("path", ["/health", "/health/", "/health/live/x", "/health?x=1"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_is_200_and_asks_nothing(visitor, kv, origin, path, method):
    kv.calls.clear()
    with kv.failing(HANG) as gate:
        assert visitor.function.request(method, path).status_code == 200
    assert kv.calls == origin.asked == []
    assert gate.hits == 0


@each_host
@each_pattern
@pytest.mark.parametrize("path", ["/healthz", "/a/health", "//health", "/health%2Fx", "/Health"])
def test_path_that_only_looks_like_health_is_a_request(visitor, path):
    status, headers, _ = raw_request(visitor.function.port, "GET", path)
    if visitor.function.host.cleans_paths and path == "//health":
        assert headers["location"] == "/health"
    elif visitor.pattern == "session":
        assert status == 400
    else:
        assert {"cache": "x-cache", "flag": "x-flag"}[visitor.pattern] in headers


_REQUIRED = [
    *((pattern, name) for pattern in PATTERNS for name in ("KV_NAMESPACE_ID", "TELNYX_API_KEY")),
    ("cache", "ORIGIN_URL"),
]


@pytest.mark.parametrize("host", LANGUAGES)
@pytest.mark.parametrize(("pattern", "missing"), _REQUIRED)
def test_missing_variable_is_named_in_the_log_and_500(fresh, kv, host, pattern, missing):
    with fresh(pattern, host, **{missing: ""}) as function:
        for _ in range(2):
            mark = len(function.log())
            response = Visitor(function, pattern, kv).send()
            assert is_error(response, 500, "internal error")
            assert f"{missing} is not set" in function.logged_since(mark)
            assert function.logged_since(mark).count("\n") == 1
        assert function.request("GET", "/health").status_code == 200


@pytest.mark.parametrize("host", LANGUAGES)
@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("ftp://127.0.0.1", "ORIGIN_URL is not an http or https URL"),
        ("https://", "ORIGIN_URL is not an http or https URL"),
    ],
)
def test_variable_that_is_no_use_is_named_in_the_log_and_500(fresh, kv, host, url, line):
    with fresh("cache", host, ORIGIN_URL=url) as function:
        assert is_error(Visitor(function, "cache", kv).send(), 500, "internal error")
        assert line in function.log()
        assert function.request("GET", "/health").status_code == 200


@each_host
@each_pattern
def test_request_body_is_ignored_and_the_connection_lives(visitor):
    for size in (0, 1, 2**20):
        response = visitor.send("POST", content=b"x" * size)
        assert response.status_code == (405 if visitor.pattern == "cache" else 200)
        assert response.headers.get("connection") != "close"


@each_host
@each_pattern
@pytest.mark.parametrize("framing", ["Content-Length: 2097152", "Transfer-Encoding: chunked"])
def test_body_beyond_a_mebibyte_is_answered_and_the_connection_closed(visitor, framing):
    too_much = b"x" * (2**20 + 1)
    chunked = b"%x\r\n%s\r\n" % (len(too_much), too_much)
    with socket.create_connection(("127.0.0.1", visitor.function.port), timeout=20) as raw:
        raw.sendall(visitor.raw("POST", framing))
        raw.sendall(chunked if "chunked" in framing else too_much)
        status, _, _ = read_answer(raw)
        assert status == (405 if visitor.pattern == "cache" else 200)
        with contextlib.suppress(OSError):  # which is the point: nobody reads on
            raw.sendall(chunked)
        assert read_to_end(raw) == b""
    assert visitor.is_served()


@each_host
@each_pattern
def test_sigterm_lets_requests_in_flight_finish_and_then_exits_0(fresh, kv, origin, host, pattern):
    origin.reset()
    kv.put("flag/new-ui", "true")
    with fresh(pattern, host) as function:
        visitors = [Visitor(function, pattern, kv) for _ in range(3)]
        in_flight = [_sent(function, visitor) for visitor in visitors]
        origin.hold()
        with kv.failing(None if pattern == "cache" else HANG) as gate:
            for raw, visitor in zip(in_flight, visitors, strict=True):
                raw.sendall(visitor.raw())
            under_way = (lambda: len(origin.asked)) if pattern == "cache" else (lambda: gate.hits)
            wait_until(lambda: under_way() == 3, "the requests did not arrive")
            function.process.terminate()
            wait_until(lambda: _refuses(function), "the function went on accepting")
            assert function.process.poll() is None
            gate.fail(None)
            origin.release()
            for raw in in_flight:
                assert raw.recv(65_536).startswith(b"HTTP/1.1 200 ")
        assert function.process.wait(20) == 0
        for raw in in_flight:
            raw.close()
        assert "Unclosed" not in function.log()
        assert "Traceback" not in function.log()


def _sent(function, visitor):
    return socket.create_connection(("127.0.0.1", function.port), timeout=20)


def _refuses(function):
    try:
        socket.create_connection(("127.0.0.1", function.port), timeout=20).close()
    except ConnectionError:
        return True
    return False


def test_every_host_is_of_a_language():
    assert {host.language for host in HOSTS.values()} == set(LANGUAGES)
