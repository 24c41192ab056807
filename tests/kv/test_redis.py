"""What can go wrong with a Redis server, and what people are told; no password is in it."""

import asyncio
import shutil
import signal
import sys

import httpx
import pytest

from kvgen.kv import redis_connection
from kvgen.kv.app import create_app
from kvgen.kv.redis_store import RedisStore
from tests.behaviour.hosting import wait_until
from tests.conftest import kvgen_process
from tests.dev.conftest import developing, scaffolded
from tests.kv.conftest import is_problem, served
from tests.kv.redis_server import RedisServer
from tests.kv.restarting import restart_and_check
from tests.kv.tls_front import certificate, tls_front

_MIB = 1_048_576
_PASSWORD = "geheim/7"  # noqa: S105
_ENCODED = "geheim%2F7"
_COMMANDS = [("serve", "--port", "0"), ("get", "a"), ("put", "a", "x"), ("list",), ("export",)]


@pytest.fixture
def own(tmp_path):
    """Start a server with options; it ends with the test."""
    servers = []

    def start(*options, **others):
        servers.append(RedisServer(tmp_path, *options, **others))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


def _ended(*arguments, **environment):
    process = kvgen_process(["kv", *arguments], stdout=-1, stderr=-1, **environment)
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


def test_nothing_acknowledged_is_lost_when_redis_is_killed_under_load(own):
    redis = own("--appendonly", "yes", "--appendfsync", "always")
    with served(redis.url()) as one, served(redis.url()) as other:
        assert restart_and_check(redis, [one, other], times=3, seed=1) > 100


def test_call_fails_while_redis_is_away_and_not_afterwards(own):
    redis = own("--appendonly", "yes", "--appendfsync", "always")
    with served(redis.url()) as kv:
        keys = kv.namespace()
        assert kv.http.put(f"{keys}/a", content=b"1").status_code == 201
        redis.kill()
        for method, path in (("GET", f"{keys}/a"), ("PUT", f"{keys}/b"), ("GET", keys)):
            refused = kv.http.request(method, path)
            assert is_problem(refused, 500)
            detail = refused.json()["errors"][0]["detail"]
            assert detail == "The store failed: Redis cannot be reached."
        redis.start()
        # Each connection that was kept has ended: none of them is a failure.
        for _ in range(10):
            assert kv.http.get(f"{keys}/a").text == "1"
        assert kv.http.get(f"{keys}/b").status_code == 404


def test_memory_that_is_full_is_a_500_and_deleting_makes_room(own):
    redis = own("--maxmemory-policy", "noeviction")
    with redis.client() as client, served(redis.url()) as kv:
        keys, doomed = kv.namespace(), kv.namespace()
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 4 * _MIB)
        written = {}
        for number in range(20):
            path, value = f"{keys}/{number}", bytes([number]) * (_MIB // 2)
            response = kv.http.put(path, content=value)
            if response.status_code == 500:
                break
            written[path] = value
        (error,) = response.json()["errors"]
        assert error["detail"] == "The store failed: Redis has no memory left."
        assert len(written) >= 3
        assert kv.http.get(path).status_code == 404
        assert len(kv.http.get(keys).json()["data"]) == len(written)
        assert {path: kv.http.get(path).content for path in written} == written
        for freed in list(written)[:3]:
            assert kv.http.delete(freed).status_code == 200
        assert kv.http.put(path, content=value).status_code == 201
        client.config_set("maxmemory", 1)  # so that not even a byte is free
        assert is_problem(kv.http.post("/v2/storage/kvs", json={"name": "one-more"}), 500)
        assert kv.http.delete(doomed.removesuffix("/keys")).status_code == 200
        assert kv.http.delete(path).status_code == 200
        assert kv.http.get(path).status_code == 404


def _make_replica(client):
    client.execute_command("REPLICAOF", "127.0.0.1", "1")


def _fail_to_save(client):
    client.config_set("save", "3600 1")
    shutil.rmtree(client.config_get("dir")["dir"])
    client.bgsave()
    wait_until(
        lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err", "it was saved"
    )


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_make_replica, "this Redis is a replica, and takes no writes"),
        (_fail_to_save, "Redis cannot save its data, and takes no writes"),
    ],
)
def test_redis_that_takes_no_writes_still_answers_reads(own, spoil, reason):
    redis = own()
    with redis.client() as client, served(redis.url()) as kv:
        keys = kv.namespace()
        kv.http.put(f"{keys}/a", content=b"1")
        spoil(client)
        for method in ("PUT", "DELETE"):
            refused = kv.http.request(method, f"{keys}/a")
            assert is_problem(refused, 500)
            assert refused.json()["errors"][0]["detail"] == f"The store failed: {reason}."
        assert kv.http.get(f"{keys}/a").text == "1"


def test_redis_that_hangs_is_a_500_and_holds_nobody_else_up(own, monkeypatch):
    monkeypatch.setattr(redis_connection, "_ANSWER_SECONDS", 0.5)
    redis = own()
    store = RedisStore(redis.url())
    namespace = store.ensure_namespace("dev")
    path = f"/v2/storage/kvs/{namespace.id}/keys/a"

    async def call():
        transport = httpx.ASGITransport(create_app(store))
        headers = {"Authorization": "Bearer x"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://kv", headers=headers
        ) as http:
            hanging = asyncio.create_task(http.get(path))
            await asyncio.sleep(0)
            described = await http.get("/openapi.json")
            return hanging.done(), described, await hanging

    redis.signal(signal.SIGSTOP)
    was_done, described, hung = asyncio.run(call())
    redis.signal(signal.SIGCONT)
    assert (was_done, described.status_code) == (False, 200)
    assert "The store failed: Redis does not respond in time." in hung.text
    assert store.get(namespace, "a") is None
    store.close()


def test_sweeping_leaves_nothing_of_what_has_gone(own):
    redis = own()
    with redis.client() as client:
        store = RedisStore(redis.url())
        store.ensure_namespace("dev")
        before = sorted(client.keys())
        namespace = store.ensure_namespace("short")
        for number in range(20):
            store.put(namespace, f"{number}", b"1", ttl=100 if number % 2 else None)
        store.delete_namespace(namespace)
        while store.sweep():
            pass
        assert sorted(client.keys()) == before
        store.close()


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize("credentials", ["", ":wr%2Fong@", "somebody:wr%2Fong@"])
def test_wrong_password_is_a_clear_error_without_it(own, command, credentials):
    redis = own(password=_PASSWORD)
    code, stdout, stderr = _ended(*command, "--store", redis.url(3, credentials))
    assert (code, stdout) == (1, "")
    assert stderr == (
        f"Error: {redis.url(3)}: Redis does not accept the user or the password\n"
        "Hint: write redis://USER:PASSWORD@HOST:PORT/DB, or export REDISCLI_AUTH=PASSWORD\n"
    )


def test_password_opens_the_store_and_is_shown_nowhere(own, monkeypatch):
    redis = own(password=_PASSWORD)
    with redis.client() as client:
        client.execute_command("ACL", "SETUSER", "kv", "on", f">{_PASSWORD}", "+@all", "~kvgen:*")
    for credentials in (f":{_ENCODED}@", f"kv:{_ENCODED}@"):
        store = redis.url(0, credentials)
        with served(store) as kv:
            assert kv.data == redis.url()
            assert kv.http.put(f"{kv.namespace()}/a", content=b"1").status_code == 201
        assert _ended("put", "a", "x", "--store", store)[::2] == (0, "Created a (1 B)\n")
        assert _ended("get", "a", "--store", store) == (0, "x", "")
        assert _ended("delete", "a", "--store", store)[0] == 0
    monkeypatch.setenv("REDISCLI_AUTH", _PASSWORD)
    assert _ended("put", "a", "x", "--store", redis.url())[0] == 0


def test_user_who_may_too_little_is_told_what_it_takes(own):
    redis = own()
    with redis.client() as client:
        client.execute_command("ACL", "SETUSER", "kv", "on", ">x", "+@all", "~other:*")
    code, _, stderr = _ended("list", "--store", redis.url(0, "kv:x@"))
    assert (code, stderr) == (
        1,
        f"Error: {redis.url()}: this Redis user lacks the rights that kvgen needs\n"
        "Hint: allow it +@all ~kvgen:*\n",
    )


def test_database_that_redis_does_not_have_is_a_clear_error(redis_server):
    code, _, stderr = _ended("list", "--store", redis_server.url(99_999))
    assert (code, stderr) == (
        1,
        f"Error: {redis_server.url(99_999)}: this Redis has no database of that number\n"
        "Hint: it has those from 0 to 15, unless its setting `databases` says another number\n",
    )


def test_redis_that_is_too_old_is_refused(kvgen, redis_server, monkeypatch):
    monkeypatch.setattr(redis_connection, "OLDEST", (99, 1))
    result = kvgen("kv", "list", "--store", redis_server.url())
    assert result.exit_code == 1
    assert " is too old\nHint: upgrade it to 99.1 or newer\n" in result.stderr


def test_database_of_a_newer_kvgen_is_refused(kvgen, own):
    redis = own()
    with redis.client() as client:
        client.set("kvgen:schema", 2)
    result = kvgen("kv", "list", "--store", redis.url())
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {redis.url()}: it was written by a newer kvgen\n"
        "Hint: upgrade kvgen, or name another database\n",
    )


def test_without_the_package_the_extra_is_named(kvgen, monkeypatch):
    monkeypatch.setitem(sys.modules, "kvgen.kv.redis_store", None)
    result = kvgen("kv", "list", "--store", "redis://:secret@localhost/0")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: redis://localhost/0 needs the redis package\n"
        "Hint: pip install 'kvgen[shared]'\n",
    )


@pytest.mark.parametrize(
    "url",
    [
        *("localhost:6379", "http://:secret@localhost", "redis://", "redis://:secret@/0"),
        *("redis://:secret@localhost:x", "redis://:secret/secret@localhost", "redis://h/secret"),
        *("redis://:secret@a..b/0", "redis://h/0?password=secret", "redis://h:99999"),
        *("rediss://h/0?db=1", "unix://", "unix:///tmp/s?db=secret"),
    ],
)
@pytest.mark.parametrize("command", ["kv serve", "kv get a", "dev"])
def test_url_that_is_none_is_bad_usage_and_not_repeated(kvgen, command, url):
    result = kvgen(*command.split(), "--store", url)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --store takes redis://[USER:PASSWORD@]HOST[:PORT][/DB]")
    assert "secret" not in result.output


@pytest.mark.parametrize("other", [("--data", "x.db"), ("--remote",)])
def test_store_excludes_the_other_places(kvgen, other):
    result = kvgen("kv", "list", "--store", "redis://localhost", *other)
    assert (result.exit_code, "exclude each other" in result.stderr) == (2, True)


def test_socket_of_a_file_is_served_too(own, tmp_path):
    own("--unixsocket", str(tmp_path / "redis.sock"))
    store = f"unix://{tmp_path / 'redis.sock'}?db=2"
    assert _ended("put", "a", "x", "--store", store)[0] == 0
    assert _ended("get", "a", "--store", store) == (0, "x", "")
    assert _ended("list", "--names", "--store", store.replace("=2", "=3")) == (0, "", "")


def test_tls_is_spoken_where_the_certificate_is_trusted(own, tmp_path):
    redis, cert = own(), certificate(tmp_path)
    with tls_front(redis.port, cert) as port:
        store = f"rediss://127.0.0.1:{port}/0"
        trusting = f"{store}?ssl_ca_certs={cert}"
        assert _ended("put", "a", "x", "--store", trusting)[0] == 0
        assert _ended("get", "a", "--store", trusting) == (0, "x", "")
        assert _ended("get", "a", "--store", store) == (
            1,
            "",
            f"Error: {store}: its certificate is not trusted\n"
            "Hint: name its certificate authority: rediss://HOST:PORT/DB?ssl_ca_certs=FILE\n",
        )


def test_function_in_dev_keeps_its_data_in_redis(own, tmp_path):
    redis = own()
    folder = scaffolded(tmp_path / "function", "session", "python")
    for views in (0, 1):
        with developing(folder, "--port", "0", "--store", redis.url()) as dev:
            dev.says("Ready on")
            assert dev.get().json()["views"] == views
    listed = _ended("list", "--names", "--store", redis.url())
    assert listed == (0, f"session/{'x' * 20}\n", "")
