"""`kvgen dev` against other people's web pages and hostile clients."""

import re
from pathlib import Path

import httpx
import pytest

from tests.behaviour.hosting import wait_until
from tests.conftest import kvgen_process
from tests.dev.conftest import developing
from tests.kv.attacks import ATTACKS, MIB, Target, endured

_LEFT = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"


@pytest.fixture(scope="module", params=["javascript", "python"])
def dev(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("dev") / "function"
    assert kvgen_process(["new", "session", str(folder), "-l", request.param]).wait(60) == 0
    with developing(folder, "--port", "0", "--allow-host", "tunnel.example") as running:
        running.says("Ready on")
        yield running
        assert "Traceback" not in running.output
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", running.output)


@pytest.fixture
def target(dev):
    return Target(int(dev.url.rsplit(":", 1)[1]), dev.process.pid, "/health")


@pytest.fixture
def kv_url(dev):
    match = re.search(r"KV on (\S+)", dev.output)
    assert match
    return match[1]


def _descriptors(dev):
    return len(list(Path(f"/proc/{dev.process.pid}/fd").iterdir()))


def test_page_that_rebinds_its_name_meets_neither_function_nor_kv(dev, kv_url):
    assert dev.get("/", Host="evil.example").status_code == 421
    dev.says("421 GET /")
    headers = {"Host": "evil.example", "Authorization": "Bearer x"}
    assert dev.http.get(f"{kv_url}/v2/storage/kvs", headers=headers).status_code == 421
    assert dev.get("/", Host="tunnel.example").status_code == 200


@pytest.mark.parametrize("bearer", ["x", "kvgen-dev", "kvgen-dev-"])
def test_kv_of_dev_takes_only_the_bearer_that_it_handed_out(dev, kv_url, bearer):
    headers = {"Authorization": f"Bearer {bearer}"}
    assert httpx.get(f"{kv_url}/v2/storage/kvs", headers=headers).status_code == 401
    assert dev.get("/").status_code == 200


def test_nothing_in_a_request_steers_the_terminal(dev, kv_url):
    """Any web page can ask for this key; it needs no bearer to be printed."""
    hostile = "/%1b%5d0;owned%07%0aforged%c2%9b31m%e2%80%ae"
    port = int(kv_url.rsplit(":", 1)[1])
    request = f"GET /v2/storage/kvs/x/keys{hostile} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    Target(port, dev.process.pid, "/").ask(request.encode(), 1)
    dev.says(r"kv GET \x1b]0;owned\x07\nforged\x9b31m\u202e 401")
    dev.get(hostile)
    dev.says(f"GET {hostile}")


@pytest.mark.parametrize("name", ["pipelined requests", "headers", "a body", "idle connections"])
def test_attack_costs_neither_memory_nor_the_time_of_others(dev, target, name):
    assert name in ATTACKS
    cost = endured(target, name, 64 * MIB)
    assert cost.is_bearable(), cost


def test_clients_that_leave_in_a_request_leave_no_descriptors(dev, target):
    before = _descriptors(dev)
    for _ in range(700):
        with target.connect() as raw:
            raw.sendall(_LEFT)
    # What the function itself keeps open to the KV is its own.
    wait_until(lambda: _descriptors(dev) < before + 300, "descriptors were left behind")
    assert dev.get("/").status_code == 200
