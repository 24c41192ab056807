"""Which names and pages are served: the rule, and both ends of it over HTTP."""

import json
import socket

import httpx
import pytest

from kvgen.errors import InvalidAnswerError
from kvgen.kv.hosts import Hosts, is_foreign
from tests.kv.conftest import KEY, is_problem, served

_LOOPBACK = ["localhost", "LocalHost:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:8080"]
_FOREIGN = [
    *("evil.example", "evil.example:8787", "localhost.evil.example", "127.0.0.1.nip.io"),
    *("", "192.168.1.2", "[fd00::1]", "localhost@evil", "a b", "localhost:x", "[::1"),
    *("127.0.0.1:80:80", "localhost\\", "http://localhost", "127.1", "2130706433"),
]


@pytest.mark.parametrize("host", _LOOPBACK)
def test_loopback_is_served(host):
    assert Hosts().allow(host.encode())
    assert Hosts().allow(host.encode())


@pytest.mark.parametrize("host", _FOREIGN)
def test_any_other_name_is_not_served(host):
    assert not Hosts().allow(host.encode())


def test_bound_and_allowed_names_are_served_and_no_others():
    hosts = Hosts("192.168.1.2", ["kv", "Tunnel.Example", "[fd00::1]"])
    for host in ("192.168.1.2:80", "KV:8787", "tunnel.example", "[fd00::1]:80", "localhost"):
        assert hosts.allow(host.encode())
    for host in ("192.168.1.3", "x.kv", "x.tunnel.example"):
        assert not hosts.allow(host.encode())


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])  # noqa: S104
def test_server_on_all_addresses_is_asked_for_by_any_of_them_but_by_no_name(bound):
    hosts = Hosts(bound)
    assert hosts.allow(b"192.168.1.2:8787")
    assert hosts.allow(b"[fd00::1]")
    assert not hosts.allow(b"evil.example")


@pytest.mark.parametrize("name", ["http://kv", "kv:8787", "", "a b", "*.example"])
def test_allowed_host_that_is_no_name_is_refused(name):
    with pytest.raises(InvalidAnswerError, match="--allow-host"):
        Hosts(allowed=[name])


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        ("http://localhost:8787", False),
        ("https://LOCALHOST:8787", False),
        ("http://localhost:5173", True),
        ("http://localhost", True),
        ("null", True),
        ("", True),
        ("http://[", True),
        ("file://localhost:8787", True),
        ("http://evil.example", True),
    ],
)
def test_origin_is_foreign_unless_it_is_the_server_itself(origin, foreign):
    assert is_foreign(origin.encode(), b"localhost:8787") is foreign


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8787", "192.168.1.2"])
def test_kv_reads_and_writes_nothing_for_a_foreign_host(kv, keys, host):
    """DNS rebinding: a web page of that name, with any bearer."""
    kv.http.put(f"{keys}/a", content=b"1")
    for method, path in (("GET", f"{keys}/a"), ("PUT", f"{keys}/a"), ("DELETE", f"{keys}/a")):
        response = kv.http.request(method, path, headers={"Host": host}, content=b"2")
        assert is_problem(response, 421)
    for path in (keys, "/v2/storage/kvs", "/openapi.json", "/"):
        assert is_problem(kv.http.get(path, headers={"Host": host}), 421)
    assert kv.http.get(f"{keys}/a").content == b"1"


def test_kv_refuses_pages_from_elsewhere_and_serves_its_own(kv, keys):
    for origin in ("http://evil.example", "null", "http://localhost:5173"):
        refused = kv.http.put(f"{keys}/a", content=b"2", headers={"Origin": origin})
        assert is_problem(refused, 403)
        preflight = kv.http.options(f"{keys}/a", headers={"Origin": origin})
        assert is_problem(preflight, 403)
    assert is_problem(kv.http.get(f"{keys}/a"), 404)
    own = {"Origin": kv.url}
    assert kv.http.put(f"{keys}/a", content=b"2", headers=own).status_code == 201


def test_request_without_a_host_is_refused(kv):
    with socket.create_connection(("127.0.0.1", int(kv.url.rsplit(":", 1)[1])), timeout=10) as raw:
        raw.sendall(b"GET /v2/storage/kvs HTTP/1.0\r\nAuthorization: Bearer k\r\n\r\n")
        assert raw.recv(65_536).startswith(b"HTTP/1.1 421 ")


def test_allow_host_adds_a_name_and_takes_no_address(tmp_path, kvgen):
    with served(tmp_path / "kv.db", "--allow-host", "kv", "--allow-host", "tunnel.example") as kv:
        for host, status in (("kv:8787", 200), ("tunnel.example", 200), ("other", 421)):
            response = kv.http.get("/v2/storage/kvs", headers={"Host": host})
            assert response.status_code == status
    refused = kvgen("kv", "serve", "--data", "kv.db", "--allow-host", "http://kv:8787")
    assert refused.exit_code == 2
    assert "for example --allow-host kv" in refused.stderr


def test_error_of_a_foreign_host_is_json_that_says_what_to_do(kv):
    response = httpx.get(f"{kv.url}/x", headers={"Host": "evil.example"})
    assert "--allow-host" in json.loads(response.content)["errors"][0]["detail"]
    assert KEY not in response.text
