"""`kvgen dev` for each language: it serves, reports, reloads and stops."""

import os
import re
import socket

import pytest

from kvgen.languages.describe import BY_NAME
from tests.behaviour.hosting import wait_until
from tests.dev.conftest import developing, run_kvgen, scaffolded

_each_language = pytest.mark.parametrize("language", BY_NAME)
_BREAK = {
    "javascript": "const = ;",
    "typescript": "const a: = 1;",
    "python": "def (",
    "go": "func {",
}


def _is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _refuses(url):
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


@_each_language
def test_function_runs_reloads_survives_a_mistake_and_leaves_nothing(folder, language):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        assert dev.get().json()["views"] == 0
        assert dev.get("/any?x=1").json()["views"] == 1
        dev.says("  200 GET /any?x=1")
        dev.says(f"kv GET session/{'x' * 20} 404")
        dev.says(f"kv PUT session/{'x' * 20} 201")

        handler = folder / BY_NAME[language].handler
        good = handler.read_text()
        handler.write_text(good + _BREAK[language])
        dev.says("The previous one still runs.")
        line = good.count("\n") + 1
        assert re.search(rf'{handler.name}(:|", line ){line}\b', dev.output)
        assert dev.get().json()["views"] == 2
        handler.write_text(good)
        dev.says("Reloaded.")
        run_kvgen("regenerate", str(folder), "--set", "header=X-Renamed")
        dev.says("Reloaded.", times=2)
        assert dev.get().status_code == 400
        assert dev.get(**{"X-Renamed": "y" * 20}).json()["views"] == 0

        children, url = dev.children(), dev.url
        assert children
        dev.stop()
        assert dev.process.returncode == 130
        assert dev.output.rstrip().endswith("Stopped.")
    wait_until(lambda: all(map(_is_gone, children)), "a process was left running")
    assert _refuses(url)
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == files


@_each_language
def test_session_is_still_there_after_a_restart(folder, language):
    for views in (0, 1):
        with developing(folder, "--port", "0") as dev:
            dev.says("Ready on")
            assert dev.get().json()["views"] == views


@pytest.fixture
def javascript(tmp_path):
    return scaffolded(tmp_path / "function", "session", "javascript")


def test_port_that_is_taken_is_passed_over_and_said(javascript):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if taken.connect_ex(("127.0.0.1", 8080)):
            taken.close()
            taken = socket.create_server(("127.0.0.1", 8080))  # the one to close
        with taken, developing(javascript) as dev:
            dev.says("Ready on")
            assert "Port 8080 is in use; taking " in dev.output
            assert dev.get().status_code == 200


def test_port_that_was_asked_for_and_is_taken_is_an_error(javascript):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with developing(javascript, "--port", str(port)) as dev:
            assert dev.process.wait(20) == 1
            assert f"cannot listen on 127.0.0.1:{port}: the port is in use" in dev.output


def test_environment_comes_from_the_manifest_then_dotenv_then_the_kv(javascript):
    manifest = javascript / "func.toml"
    manifest.write_text(
        manifest.read_text().replace("[env_vars]", '[env_vars]\nONE = "toml"\nTWO = "toml"')
    )
    (javascript / ".env").write_text("TWO=dotenv\nTELNYX_API_KEY=a-real-secret\n")
    handler = javascript / "handler.js"
    names = "[process.env.ONE, process.env.TWO, process.env.TELNYX_API_KEY]"
    handler.write_text(f"export function handler() {{ return Response.json({names}); }}\n")
    with developing(javascript, "--port", "0") as dev:
        dev.says("Ready on")
        first, second, key = dev.get().json()
        assert [first, second] == ["toml", "dotenv"]
        assert len(key) > 32
        assert "a-real-secret" not in dev.output


@_each_language
def test_stand_in_answers_while_the_origin_is_the_placeholder(tmp_path, language):
    folder = scaffolded(tmp_path / "function", "cache", language)
    with developing(folder, "--port", "0") as dev:
        dev.says("ORIGIN_URL is still the placeholder: a stand-in responds.")
        dev.says("Ready on")
        miss, hit = dev.get("/users?page=2"), dev.get("/users?page=2")
        assert [miss.headers["x-cache"], hit.headers["x-cache"]] == ["MISS", "HIT"]
        assert miss.json() == hit.json()
        assert set(miss.json()) == {"path", "time"}
        assert miss.json()["path"] == "/users?page=2"


def test_what_the_function_prints_appears_as_it_is(javascript):
    handler = javascript / "handler.js"
    said = 'console.log("%d!", 42); return Response.json({});'
    handler.write_text(f"export function handler() {{ {said} }}\n")
    with developing(javascript, "--port", "0") as dev:
        dev.says("Ready on")
        dev.get()
        dev.says("42!\n")


def test_end_of_the_function_is_seen_though_what_it_started_goes_on_printing(javascript):
    """Whoever has inherited its stdout holds up neither the news of its end nor that of kvgen."""
    handler = javascript / "handler.js"
    child = """
import { spawn } from "node:child_process";
export function handler() {
  spawn("sleep", ["600"], { stdio: ["ignore", "inherit", "inherit"] });
  console.log("the last word");
  process.exit(7);
}
"""
    handler.write_text(child)
    with developing(javascript, "--port", "0") as dev:
        dev.says("Ready on")
        dev.get()
        dev.says("the last word\n")
        dev.says("the function ended with exit code 7")
        dev.stop()
        assert dev.process.returncode == 130


def test_function_that_ends_by_itself_is_said_and_started_by_a_change(javascript):
    handler = javascript / "handler.js"
    good = handler.read_text()
    handler.write_text("export function handler() { process.exit(7); }\n")
    with developing(javascript, "--port", "0") as dev:
        dev.says("Ready on")
        dev.http.get(dev.url + "/health")
        assert dev.get().status_code == 502
        dev.says("the function ended with exit code 7")
        assert dev.get().status_code == 503
        handler.write_text(good)
        dev.says("Reloaded.")
        assert dev.get().status_code == 200


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"kvgen.toml": "language = "}, "kvgen.toml: "),
        ({"kvgen.toml": 'language = "rust"\nname = "y"\n'}, "kvgen.toml: unknown language 'rust'"),
        ({"kvgen.toml": 'pattern = "session"\n'}, "the form of an earlier kvgen"),
        ({"func.toml": "[env_vars]\nX = 1\n"}, "env_vars.X is not a string"),
        ({"func.toml": "["}, "func.toml: "),
        ({".env": b"\xff\xfe"}, ".env: "),
    ],
    ids=lambda value: str(value)[:40],
)
def test_broken_folder_is_a_clear_error(javascript, files, said):
    for name, text in files.items():
        content = text if isinstance(text, bytes) else text.encode()
        (javascript / name).write_bytes(content)
    with developing(javascript, "--port", "0") as dev:
        dev.says(said)
        assert "Traceback" not in dev.output


def test_missing_manifest_comes_with_the_command_that_brings_it_back(javascript):
    (javascript / "func.toml").unlink()
    with developing(javascript, "--port", "0") as dev:
        dev.says("Hint: telnyx-edge new-func writes one; kvgen new PATTERN DIR --force brings back")


def test_function_that_kvgen_did_not_make_runs_once_a_pattern_was_added(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "func.toml").write_text('[edge_compute]\nfunc_name = "shop"\n')
    (folder / "package.json").write_text('{"type": "module"}\n')
    (folder / "index.js").write_text(
        'import http from "node:http";\n'
        "const respond = (request, response) => response.end(`mine ${request.url}`);\n"
        "http.createServer(respond).listen(process.env.PORT);\n"
    )
    run_kvgen("add", "flag", str(folder))
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        assert dev.get("/x").text == "mine /x"
        assert "Try: " not in dev.output


def test_folder_that_is_none_of_kvgens_is_a_clear_error(kvgen, snapshot):
    result = kvgen("dev", ".")
    assert (result.exit_code, result.stderr) == snapshot


@pytest.mark.parametrize("name", ["circle", "circle/below"])
def test_link_that_leads_in_a_circle_is_a_clear_error(kvgen, tmp_path, name):
    (tmp_path / "circle").symlink_to("circle")
    result = kvgen("dev", name)
    assert (result.exit_code, "is not a function's folder" in result.stderr) == (1, True)


@pytest.mark.parametrize("language", ["javascript", "typescript", "go"])
@pytest.mark.parametrize("version", ["", "0.1"])
def test_toolchain_that_is_missing_or_too_old_is_a_clear_error(tmp_path, folder, language, version):
    """The wheels are out of reach here, as on a machine without the extra."""
    import subprocess
    import sys

    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    command = "go" if language == "go" else "node"
    if version:
        fake = bin_folder / command
        fake.write_text(
            f"#!/bin/sh\necho {'v' if command == 'node' else 'go version go'}{version}\n"
        )
        fake.chmod(0o755)
    code = (
        "import pathlib, sys; from kvgen.languages import toolchains; "
        "toolchains.site_packages = lambda: pathlib.Path('/nowhere'); "
        "from kvgen.cli import main; main(['dev', sys.argv[1], '--port', '0'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        env={
            "PATH": str(bin_folder),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "XDG_DATA_HOME": str(tmp_path),
            "HOME": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Console: ")
    line = process.stdout.readline()
    hint = process.stdout.readline()
    process.terminate()
    process.communicate(timeout=20)
    title = "Go" if language == "go" else "Node"
    assert title in line
    assert "newer is needed" in line
    assert "kvgen[toolchains]" in hint


def test_node_that_cannot_take_types_away_is_passed_over_with_a_word(tmp_path, monkeypatch):
    old = tmp_path / "bin" / "node"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho v20.19.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent), prepend=os.pathsep)
    folder = scaffolded(tmp_path / "function", "session", "typescript")
    with developing(folder, "--port", "0") as dev:
        dev.says(f"{old} is Node 20.19, not 22.18 or newer: kvgen's own is taken.")
        dev.says("Ready on")
        assert dev.get().json()["views"] == 0


def test_binding_reaches_the_kv_by_what_stands_for_the_platforms_package(tmp_path):
    folder = scaffolded(tmp_path / "function", "session", "typescript", "--kv", "binding")
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        assert [dev.get().json()["views"] for _ in range(2)] == [0, 1]
        dev.says(f"kv PUT session/{'x' * 20} 201")
        manifest = folder / "func.toml"
        manifest.write_text(manifest.read_text().replace("MY_KV", "OTHER"))
        dev.says("Reloaded.")
        assert dev.get().status_code == 500
        dev.says("[storage.kv.MY_KV] is not set")
