"""Unusual machines: no home folder, no stream, an odd encoding, a proxy, an odd manifest."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kvgen.dev.environment import function_environment
from kvgen.errors import KvgenError
from kvgen.kv.location import database_for
from kvgen.languages.python import requirements
from tests.behaviour.hosting import wait_until
from tests.dev.conftest import developing, working_in
from tests.dev.functions import change, written


@pytest.fixture
def mine(tmp_path):
    return written(tmp_path / "function", "javascript")


_NO_HOME = "/dev/null/home"  # which not even root can make


def test_without_a_home_the_way_on_is_named_and_works(mine, tmp_path):
    homeless = {"HOME": _NO_HOME, "XDG_DATA_HOME": "", "XDG_CACHE_HOME": ""}
    with developing(mine, "--port", "0", **homeless) as dev:
        dev.says("there is no place for the KV's data: ")
        assert "Hint: name a file, --data FILE, or a folder for all of them" in dev.output
        assert "Traceback" not in dev.output
        assert dev.process.wait(20) == 1
    for options, data in ((["--data", str(tmp_path / "kv.db")], ""), ([], str(tmp_path / "data"))):
        with developing(mine, "--port", "0", *options, **homeless | {"XDG_DATA_HOME": data}) as dev:
            dev.says("Ready on")


@pytest.fixture(params=["raises", "returns a tilde"])
def nobody(monkeypatch, request):
    """Be a user without a home and without an entry in the list of users.

    platformdirs says so; an old one returns a path that begins with a tilde.
    """
    if request.param != "raises":
        for kind in ("data", "cache"):
            monkeypatch.setattr(f"platformdirs.user_{kind}_path", lambda _: Path("~/.local"))

    def unknown(number):
        raise KeyError(number)

    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)


def test_user_who_is_not_listed_gets_the_same_and_no_folder_named_tilde(
    nobody, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KvgenError, match="there is no place for the KV's data: ") as refused:
        database_for(tmp_path)
    assert "--data FILE" in str(refused.value.hint)
    with pytest.raises(KvgenError, match="there is no place for the function's own") as refused:
        requirements._cache()
    assert "XDG_CACHE_HOME" in str(refused.value.hint)
    assert list(tmp_path.iterdir()) == []


def test_go_without_a_home_says_what_it_needs(tmp_path):
    folder = written(tmp_path / "function", "go")
    homeless = {"HOME": _NO_HOME, "XDG_CACHE_HOME": "", "GOCACHE": "", "GOPATH": ""}
    with developing(folder, "--port", "0", **homeless) as dev:
        dev.says("Go has no place for its caches\nHint: name a home folder")


@pytest.mark.parametrize("name", ["x" * 240, "é" * 120, os.fsdecode(b"\xe9" * 240)])
def test_longest_folder_name_has_a_database(tmp_path, name):
    folder = written(tmp_path / name, "python")
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        assert dev.get().json() == {"word": "first"}


def test_folders_that_begin_alike_do_not_share_a_database(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    paths = {database_for(tmp_path / ("x" * 200 + end)) for end in "abc"}
    assert len(paths) == 3
    assert all(len(os.fsencode(path.name)) < 200 for path in paths)
    assert database_for(tmp_path / "short name").name.startswith("short name-")  # as ever


_PROXIES = [
    {"ALL_PROXY": "socks5://127.0.0.1:9", "all_proxy": "socks5://127.0.0.1:9"},
    {"HTTP_PROXY": "socks://127.0.0.1:9", "http_proxy": "socks://127.0.0.1:9"},
    {"http_proxy": "http://127.0.0.1:9", "NO_PROXY": "[::1],127.0.0.1"},
    {"http_proxy": "http://127.0.0.1:9", "NO_PROXY": "fd00::/8", "no_proxy": "fd00::/8"},
]


@pytest.mark.parametrize("proxies", _PROXIES, ids=str)
def test_proxies_have_no_part_in_it(mine, proxies):
    with developing(mine, "--port", "0", NODE_USE_ENV_PROXY="1", **proxies) as dev:
        dev.says("Ready on")
        assert dev.get("/kv").json() == {"word": "first"}
        dev.says("kv PUT word 201")
        assert "Traceback" not in dev.output


def test_function_keeps_the_proxies_and_asks_its_kv_directly(mine, monkeypatch):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    assert "NO_PROXY" not in function_environment(mine, {})
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "intern.example")
    environment = function_environment(mine, {})
    assert environment["https_proxy"] == "http://proxy:3128"
    for name in ("NO_PROXY", "no_proxy"):
        assert environment[name] == "intern.example,127.0.0.1,localhost,::1"


@contextlib.contextmanager
def _shell(folder, redirection):
    """Run `kvgen dev` as a shell does, and in its place where it is not in a pipe."""
    command = shlex.join([sys.executable, "-m", "kvgen", "dev", str(folder), "--port", "0"])
    command = command if redirection.startswith("|") else f"exec {command}"
    data = {"XDG_DATA_HOME": str(folder.parent / "data"), "TMPDIR": str(folder.parent)}
    with subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", f"{command} {redirection}"],
        env={**os.environ, **data},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _leaves_nothing(folder):
    wait_until(lambda: not working_in(folder), "the function was left running")
    assert not list(folder.parent.glob("kvgen-dev-*"))


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_reader_that_leaves_ends_it_without_a_word(mine, lines):
    with _shell(mine, f"| head -n {lines}") as process:
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (1, "")
    assert len(output.splitlines()) == lines
    _leaves_nothing(mine)


@pytest.mark.parametrize("redirection", [">/dev/full", ">/dev/full 2>&1", "2>&1 >/dev/full"])
def test_full_disk_below_stdout_ends_it_with_a_message(mine, redirection):
    with _shell(mine, redirection) as process:
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    said = "Error: the output cannot be written: No space left on device\n"
    assert output + errors == ("" if redirection == ">/dev/full 2>&1" else said)
    _leaves_nothing(mine)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_stream_is_no_obstacle(mine, closed):
    with _shell(mine, closed) as process:
        wait_until(lambda: len(working_in(mine)) == 2, "keeper and function were not started")
        streams = [os.readlink(f"/proc/{n}/fd/{fd}") for n in working_in(mine) for fd in (1, 2)]
        assert not [stream for stream in streams if ".db" in stream or "socket:" in stream]
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 143
    assert errors == ("" if "2>&-" in closed else "Stopped.\n")
    _leaves_nothing(mine)


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "utf-8"])
def test_encoding_that_lacks_a_character_is_no_obstacle(mine, encoding):
    for name in ("☃.js", "a.js", "b.js", "c.js"):
        (mine / name).touch()
    with developing(mine, "--port", "0", PYTHONIOENCODING=encoding) as dev:
        dev.says("Ready on")
        for name in ("a.js", "b.js", "c.js", "☃.js"):
            (mine / name).write_text("\n")
        dev.says("Reloaded.")
        (mine / "☃.js").write_text("\n\n")
        # Where an encoding is ASCII, click takes it for a mistake and writes UTF-8.
        dev.says(r"\u2603.js changed" if encoding == "latin-1" else "☃.js changed")
        change(mine, "second")
        dev.says("func.toml changed")
        assert "Traceback" not in dev.output


def test_manifest_that_is_a_pipe_is_not_waited_for(tmp_path):
    folder = written(tmp_path / "function", "python")
    manifest = folder / "pyproject.toml"
    text = manifest.read_text()
    manifest.unlink()
    os.mkfifo(manifest)
    with developing(folder, "--port", "0") as dev:
        dev.says(f"{manifest} is not a file")
        manifest.unlink()
        manifest.write_text(text)
        dev.says("Ready on")


_BAD_VARIABLES = [
    ("func.toml", '[env_vars]\nA = "1"\nX = "a\\u0000b"\n', "line 3: the value of X contains"),
    ("func.toml", '[env_vars]\n"A=B" = "1"\n', "line 2: 'A=B' is not the name of a variable"),
    ("func.toml", '[env_vars]\n\n"" = "1"\n', "line 3: '' is not the name of a variable"),
    ("func.toml", '[env_vars]\n"a\\u0000" = "1"\n', "'a\\x00' is not the name of a variable"),
    ("func.toml", f'[env_vars]\nX = "{"x" * 200_000}"\n', "Argument list too long"),
    ("func.toml", f'X = {"[" * 5000}\n', "nested too deep"),
    (".env", "# a\n\nA=1\n\n\nX=a\0b\n", "line 6: the value of X contains a NUL"),
    (".env", "A=1\n=b\n", "line 2 is not NAME=value"),
    (".env", "A=1\n\n'A=B'=c\n", "line 3: 'A=B' is not the name of a variable"),
    (".env", "a\0b=c\n", "line 1: 'a\\x00b' is not the name of a variable"),
]


@pytest.mark.parametrize(("name", "text", "said"), _BAD_VARIABLES, ids=range(len(_BAD_VARIABLES)))
def test_variable_that_no_process_can_have_is_a_clear_error(mine, name, text, said):
    (mine / name).write_text(text)
    with developing(mine, "--port", "0") as dev:
        dev.says(said)
        assert "Traceback" not in dev.output
        (mine / ".env").unlink(missing_ok=True)
        change(mine, "second")
        dev.says("Ready on")


@pytest.mark.parametrize("language", ["javascript", "python"])
def test_byte_order_marks_are_no_part_of_a_text(tmp_path, language, kvgen):
    folder = written(tmp_path / "function", language)
    (folder / ".env").write_text("OTHER=1\n")
    marked = ["kvgen.toml", "func.toml", "package.json", "pyproject.toml", ".env"]
    for path in filter(os.path.exists, (folder / name for name in marked)):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        assert dev.get().json() == {"word": "first"}
    assert function_environment(folder, {})["OTHER"] == "1"


def test_regenerate_reads_what_dev_and_check_read_and_keeps_the_marks(kvgen, tmp_path):
    mark, number = b"\xef\xbb\xbf", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    assert kvgen("new", "flag", "flag", "-l", "javascript").exit_code == 0
    paths = [tmp_path / "flag" / name for name in ("kvgen.toml", "func.toml", "package.json")]
    for path in paths:
        path.write_bytes(mark + path.read_bytes())
    result = kvgen("regenerate", "flag", "--set", f"namespace-id={number}")
    assert result.exit_code == 0, result.output
    assert all(path.read_bytes().startswith(mark) for path in paths)
    assert all(number in path.read_text() for path in paths[:2])
    assert kvgen("regenerate", "flag", "--check").exit_code == 0
