"""Proxies of the environment: never for this machine, and a clear error where one cannot be."""

import pytest

from tests.kv.conftest import KEY, served

_SETTINGS = [
    {"ALL_PROXY": "socks5://127.0.0.1:1"},
    {"HTTP_PROXY": "socks://127.0.0.1:1"},
    {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"},
    {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "[::1],127.0.0.1"},
    {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "fd00::/8"},
    {"HTTP_PROXY": "http://[", "NO_PROXY": "a b,,:*"},
]
_UNUSABLE = [_SETTINGS[0], _SETTINGS[1], _SETTINGS[5]]


@pytest.fixture
def remote(kvgen, monkeypatch, request):
    monkeypatch.setenv("KV_NAMESPACE_ID", "00000000-0000-4000-8000-000000000000")
    monkeypatch.setenv("TELNYX_API_KEY", KEY)
    for name, value in request.param.items():
        monkeypatch.setenv(name, value)
    return kvgen


@pytest.mark.parametrize("remote", _SETTINGS, indirect=True, ids=str)
def test_local_kv_needs_no_proxy(remote):
    assert remote("kv", "put", "a", "1", "--data", "kv.db").exit_code == 0
    result = remote("kv", "get", "a", "--data", "kv.db")
    assert (result.exit_code, result.stdout) == (0, "1")


@pytest.mark.parametrize("remote", _SETTINGS, indirect=True, ids=str)
def test_remote_kv_on_this_machine_needs_no_proxy(remote, tmp_path, monkeypatch):
    with served(tmp_path / "kv.db") as kv:
        monkeypatch.setenv("TELNYX_BASE_URL", kv.url)
        monkeypatch.setenv("KV_NAMESPACE_ID", kv.namespace().split("/")[4])
        assert remote("kv", "put", "a", "1", "--remote").exit_code == 0
        assert remote("kv", "get", "a", "--remote").stdout == "1"


@pytest.mark.parametrize("remote", _UNUSABLE, indirect=True, ids=str)
def test_proxy_that_cannot_be_used_for_a_remote_kv_is_a_clear_error(remote):
    result = remote("kv", "get", "a", "--remote")
    assert result.exit_code == 1
    assert "proxy settings cannot be used" in result.stderr
    assert "ALL_PROXY" in result.stderr


@pytest.mark.parametrize("base", ["http://[", "http://a:b:c", "https://", "http://\x7f"])
@pytest.mark.parametrize("remote", [{}], indirect=True)
def test_base_url_that_is_none_is_a_clear_error(remote, monkeypatch, base):
    monkeypatch.setenv("TELNYX_BASE_URL", base)
    result = remote("kv", "get", "a", "--remote")
    assert result.exit_code == 1
    assert "TELNYX_BASE_URL" in result.stderr
