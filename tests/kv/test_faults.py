"""Faults on purpose, over real HTTP: which calls, how many of them, and what a client then sees."""

import contextlib
import http.client
import signal
import socket
import time

import httpx
import pytest

from kvgen.errors import InvalidAnswerError
from kvgen.kv.faults import Fault, Faults, parse_fault
from tests.behaviour.conftest import scaffolded
from tests.dev.conftest import developing
from tests.kv.conftest import KEY, served

_BEARER = f"Authorization: Bearer {KEY}\r\n"


@pytest.fixture
def serving(tmp_path):
    """Serve with the given rules; returns what serves and the path of a namespace's keys."""

    def start(*rules, seed=0):
        options = [word for rule in rules for word in ("--fault", rule)]
        kv = stack.enter_context(served(tmp_path / "kv.db", *options, "--fault-seed", str(seed)))
        return kv, kv.namespace()

    with contextlib.ExitStack() as stack:
        yield start


@pytest.mark.parametrize("status", [429, 500, 503])
def test_status_is_the_documented_error_and_the_call_is_not_carried_out(serving, status):
    kv, keys = serving(f"PUT session/*: {status}")
    refused = kv.http.put(f"{keys}/session/a", content=b"1")
    assert refused.status_code == status
    assert refused.json()["errors"][0]["meta"] == {"url": f"{keys}/session/a"}
    assert kv.http.get(f"{keys}/session/a").status_code == 404
    assert kv.http.put(f"{keys}/cart/a", content=b"1").status_code == 201
    assert kv.http.get(keys).status_code == 200


def test_rule_without_a_star_means_one_key_and_list_its_prefix(serving):
    kv, keys = serving("* flag/new-ui: 500", "LIST cart/*: 503")
    assert kv.http.get(f"{keys}/flag/new-ui").status_code == 500
    assert kv.http.delete(f"{keys}/flag%2Fnew-ui").status_code == 500
    assert kv.http.get(f"{keys}/flag/new-ui2").status_code == 404
    listed = [kv.http.get(keys, params={"prefix": p}).status_code for p in ("", "cart", "cart/1")]
    assert listed == [200, 200, 503]


def test_delay_holds_the_answer_back_and_carries_the_call_out(serving):
    kv, keys = serving("PUT *: delay 150ms")
    began = time.monotonic()
    assert kv.http.put(f"{keys}/a", content=b"1").status_code == 201
    assert time.monotonic() - began >= 0.15
    assert kv.http.get(f"{keys}/a").content == b"1"


def test_cut_ends_the_connection_in_the_middle_of_the_body(serving):
    kv, keys = serving("GET *: cut")
    kv.http.put(f"{keys}/a", content=b"x" * 1000)
    connection = http.client.HTTPConnection(kv.url.removeprefix("http://"), timeout=10)
    connection.request("GET", f"{keys}/a", headers={"Authorization": f"Bearer {KEY}"})
    with pytest.raises(http.client.IncompleteRead) as cut:
        connection.getresponse().read()
    assert len(cut.value.partial) == 500
    connection.close()


def test_cut_of_an_empty_answer_is_no_whole_answer_either(serving):
    kv, keys = serving("PUT *: cut")
    with pytest.raises(httpx.RemoteProtocolError):
        kv.http.put(f"{keys}/a", content=b"1")
    assert kv.http.get(f"{keys}/a").content == b"1"


def test_cut_is_no_bug_and_leaves_no_trace_on_stderr(serving):
    kv, keys = serving("PUT *: cut")
    with pytest.raises(httpx.RemoteProtocolError):
        kv.http.put(f"{keys}/a", content=b"1")
    kv.process.terminate()
    errors = kv.process.communicate(timeout=10)[1]
    assert errors == "Stopped.\n"


def test_garbage_is_an_answer_with_noise_for_a_body(serving):
    kv, keys = serving("GET *: garbage", "LIST *: garbage")
    kv.http.put(f"{keys}/a", content=b"{}")
    value, listing = kv.http.get(f"{keys}/a"), kv.http.get(keys)
    assert (value.status_code, listing.status_code) == (200, 200)
    assert value.content not in (b"{}", listing.content)
    with pytest.raises(ValueError, match=r"JSON|decode"):
        listing.json()


def _answers(serving, seed):
    kv, keys = serving("GET *: 503 30%", seed=seed)
    return [kv.http.get(f"{keys}/a").status_code for _ in range(200)]


def test_share_is_met_and_the_seed_decides_which(serving):
    first, again, other = (_answers(serving, seed) for seed in (7, 7, 8))
    assert first == again != other
    assert 30 <= first.count(503) <= 90


def _status(faults, key):
    fault = faults.draw("GET", key)
    assert fault
    return fault.status


def test_first_rule_that_falls_due_counts():
    faults = Faults([parse_fault("GET a: 500 50%"), parse_fault("GET *: 503")], seed=1)
    assert {_status(faults, "a") for _ in range(100)} == {500, 503}
    assert {_status(faults, "b") for _ in range(9)} == {503}
    assert faults.draw("PUT", "a") is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("PUT session/*: 503 5%", Fault("PUT", "session/*", "status", 0.05, status=503)),
        ("get a:500", Fault("GET", "a", "status", status=500)),
        ("  *  * :  garbage  0.5 % ", Fault("*", "*", "garbage", 0.005)),
        ("LIST *: delay 1.5s", Fault("LIST", "*", "delay", seconds=1.5)),
        ("DELETE a/b: delay 20 ms 100%", Fault("DELETE", "a/b", "delay", seconds=0.02)),
        ("GET a: cut", Fault("GET", "a", "cut")),
    ],
)
def test_rule_is_read(text, fault):
    assert parse_fault(text) == fault


_WRONG = [
    "",
    "PUT session/*",
    "PATCH a: 503",
    "GET a b: 503",
    "GET a*b: 503",
    "GET a: 404",
    "GET a: delay",
    "GET a: delay 601s",
    "GET a: 503 0%",
    "GET a: 503 101%",
    "GET a: 503 1.2.3%",
    "GET a: 503 5",
    "GET ä: 503",
]


@pytest.mark.parametrize("text", _WRONG)
def test_rule_that_is_wrong_is_refused_with_what_is_allowed(text, snapshot):
    with pytest.raises(InvalidAnswerError) as refused:
        parse_fault(text)
    assert refused.value.message == snapshot


@pytest.mark.parametrize("command", [("kv", "serve", "--port", "0"), ("dev",)])
def test_wrong_rule_is_bad_usage_before_anything_starts(kvgen, command):
    result = kvgen(*command, "--fault", "GET a: 404")
    assert result.exit_code == 2
    assert result.stderr.endswith("Hint: for example --fault 'PUT session/*: 503 5%'\n")


def test_function_under_dev_meets_the_faults(tmp_path):
    folder = scaffolded(tmp_path / "function", "session", "javascript")
    with developing(folder, "--port", "0", "--fault", "PUT session/*: 503") as dev:
        dev.says("Ready on")
        assert dev.get().status_code == 503
        dev.says(f"kv PUT session/{'x' * 20} 503")
        dev.says("(fault: status)")


def test_ctrl_c_in_the_middle_of_a_call_is_no_failure(serving):
    kv, keys = serving("GET *: delay 600s")
    with socket.create_connection(("127.0.0.1", int(kv.url.rsplit(":", 1)[1]))) as waiting:
        waiting.sendall(f"GET {keys}/a HTTP/1.1\r\nHost: localhost\r\n{_BEARER}\r\n".encode())
        assert kv.http.put(f"{keys}/a", content=b"1").status_code == 201  # after the other's begin
        kv.process.send_signal(signal.SIGINT)
        kv.process.wait(20)
    assert kv.process.stderr.read() == "Stopped.\n"
