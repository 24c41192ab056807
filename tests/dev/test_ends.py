"""How `kvgen dev` and its like end: by any signal, with its status, and with nothing left."""

import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from kvgen.files.temporary import remove_left_behind, temporary_folder
from tests.behaviour.hosting import wait_until
from tests.conftest import kvgen_process
from tests.dev.conftest import developing, working_in
from tests.dev.functions import change, written

ROOT = Path(__file__).parents[2]
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def mine(tmp_path):
    return written(tmp_path / "function", "javascript")


def _with_worker(folder):
    """Have a function start another process, which ignores SIGTERM."""
    handler = folder / "handler.js"
    worker = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);'
    start = (
        'import { spawn } from "node:child_process";\n'
        f"spawn(process.execPath, ['-e', `{worker}`], {{ stdio: \"ignore\" }});\n"
    )
    handler.write_text(start + handler.read_text())
    return folder


@pytest.mark.parametrize("number", _ENDING)
def test_signal_ends_function_and_workers_with_its_status(mine, tmp_path, number):
    with developing(_with_worker(mine), "--port", "0", TMPDIR=str(tmp_path)) as dev:
        dev.says("Ready on")
        wait_until(lambda: len(working_in(mine)) == 3, "the worker was not started")
        dev.process.send_signal(number)
        assert dev.process.wait(20) == 128 + number
        assert dev.output.endswith("Stopped.\n")
    assert working_in(mine) == []
    assert not list(tmp_path.glob("kvgen-dev-*"))


@pytest.mark.parametrize("number", _ENDING)
def test_signal_during_the_imports_ends_any_command_without_a_word(tmp_path, number):
    """A module stands in the way of one of click's, so that the signal is always in time."""
    (tmp_path / "textwrap.py").write_text("print('here', flush=True)\nwhile True:\n    pass\n")
    search = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": search}
    with kvgen_process(["--help"], stdout=-1, stderr=-1, env=environment, cwd=tmp_path) as process:
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        process.send_signal(number)
        try:
            assert process.communicate(timeout=20) == ("", "")
        finally:
            process.kill()
    assert process.returncode == -number  # for which a shell says 128 and the number


def test_second_signal_does_not_cut_the_cleaning_short(mine, tmp_path):
    handler = mine / "handler.js"
    handler.write_text('process.on("SIGTERM", () => {});\n' + handler.read_text())
    with developing(mine, "--port", "0", TMPDIR=str(tmp_path)) as dev:
        dev.says("Ready on")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGINT):
            dev.process.send_signal(number)
        assert dev.process.wait(20) in (143, 130)  # the kernel may hand them over in any order
    assert working_in(mine) == []
    assert not list(tmp_path.glob("kvgen-dev-*"))


def test_nohup_is_respected(mine):
    with developing(mine, "--port", "0", before=["nohup"]) as dev:
        dev.says("Ready on")
        dev.process.send_signal(signal.SIGHUP)
        change(mine, "second")
        dev.says("Reloaded.")


@pytest.mark.parametrize("number", _ENDING)
def test_kv_serve_ends_by_any_signal_with_its_status(tmp_path, number):
    data = str(tmp_path / "kv.db")
    process = kvgen_process(["kv", "serve", "--port", "0", "--data", data], stdout=-1, stderr=-1)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    assert process.communicate(timeout=20)[1].endswith("Stopped.\n")
    assert process.returncode == 128 + number


def _kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait(20)


def test_killed_dev_takes_function_and_workers_along_and_the_next_run_its_scratch(mine, tmp_path):
    with developing(_with_worker(mine), "--port", "0", TMPDIR=str(tmp_path)) as dev:
        dev.says("Ready on")
        wait_until(lambda: len(working_in(mine)) == 3, "the worker was not started")
        _kill(dev.process)
    wait_until(lambda: working_in(mine) == [], "the function was left running")
    (left,) = tmp_path.glob("kvgen-dev-*")
    with developing(mine, "--port", "0", TMPDIR=str(tmp_path)) as dev:
        dev.says("Ready on")
        assert not left.exists()
    assert not list(tmp_path.glob("kvgen-dev-*"))


def test_killed_in_the_middle_of_a_start_leaves_no_function(mine, tmp_path):
    """It never answers, so that kvgen waits for its health."""
    (mine / "index.js").write_text("setInterval(() => {}, 1000);\n")
    with developing(mine, "--port", "0", TMPDIR=str(tmp_path)) as dev:
        wait_until(lambda: len(working_in(mine)) == 2, "it was not started")
        _kill(dev.process)
    wait_until(lambda: working_in(mine) == [], "the function was left running")


@pytest.mark.parametrize("end", ["TERM", "KILL"])
def test_build_ends_with_kvgen_and_is_not_waited_for(tmp_path, end):
    """A compiler that never comes to an end, found before the real one."""
    folder = written(tmp_path / "function", "go")
    compiler = tmp_path / "bin" / "go"
    compiler.parent.mkdir()
    compiler.write_text(
        "#!/bin/sh\n[ $1 = version ] && exec echo go version go1.99\nwhile :; do sleep 1; done\n"
    )
    compiler.chmod(0o755)
    path = f"{compiler.parent}:{os.environ['PATH']}"
    with developing(folder, "--port", "0", PATH=path, TMPDIR=str(tmp_path)) as dev:
        wait_until(lambda: len(working_in(folder)) >= 2, "the build did not begin")
        dev.process.send_signal(signal.Signals[f"SIG{end}"])
        assert dev.process.wait(20) == (143 if end == "TERM" else -9)
    wait_until(lambda: working_in(folder) == [], "the build was left running")


def test_function_that_ends_takes_its_workers_along(mine):
    handler = _with_worker(mine) / "handler.js"
    handler.write_text(
        handler.read_text().replace("  response.end(", "  process.exit(7);\n  response.end(")
    )
    index = mine / "index.js"
    index.write_text(
        index.read_text().replace(
            "=> answer", '=> request.url === "/health" ? response.end() : answer'
        )
    )
    with developing(mine, "--port", "0") as dev:
        dev.says("Ready on")
        wait_until(lambda: len(working_in(mine)) == 3, "the worker was not started")
        assert dev.get().status_code == 502
        dev.says("the function ended with exit code 7")
        wait_until(lambda: working_in(mine) == [], "the worker lives on")


def test_keeper_reports_a_signal_as_a_shell_does(mine):
    with developing(mine, "--port", "0") as dev:
        dev.says("Ready on")
        _, function = sorted(working_in(mine))
        os.kill(function, signal.SIGKILL)
        dev.says("the function ended with exit code 137")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _left_behind(folder):
    """Make what a killed kvgen leaves: a scratch folder that nobody has locked."""
    with temporary_folder("dev") as scratch:
        (scratch / "work").mkdir()
        (scratch / "work" / "function").touch()
        subprocess.run(["cp", "-r", scratch, folder], check=True)
    return folder


def test_scratch_folder_in_use_is_left_alone_and_one_left_behind_is_removed(temporary):
    left = _left_behind(temporary / "kvgen-dev-left")
    with temporary_folder("dev") as used:
        assert not left.exists()
        remove_left_behind()
        assert used.exists()
    assert list(temporary.iterdir()) == []


def _without_mark(folder):
    (folder / ".kvgen-scratch").unlink()


def _with_other_text(folder):
    (folder / ".kvgen-scratch").write_text("mine\n")


def _with_pipe(folder):
    (folder / ".kvgen-scratch").unlink()
    os.mkfifo(folder / ".kvgen-scratch")


def _with_linked_mark(folder):
    (folder / ".kvgen-scratch").rename(folder.parent / "mark")
    (folder / ".kvgen-scratch").symlink_to(folder.parent / "mark")


def _as_a_link(folder):
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to(folder.parent / "elsewhere")


def _under_another_name(folder):
    folder.rename(folder.parent / "notes")


@pytest.mark.parametrize(
    "spoil",
    [
        _without_mark,
        _with_other_text,
        _with_pipe,
        _with_linked_mark,
        _as_a_link,
        _under_another_name,
    ],
)
def test_folder_that_is_not_provably_kvgens_is_left_alone(temporary, spoil):
    spoil(_left_behind(temporary / "kvgen-dev-left"))
    before = sorted(temporary.rglob("*"))
    remove_left_behind()
    assert sorted(temporary.rglob("*")) == before


def test_scratch_folder_of_another_user_is_left_alone(temporary, monkeypatch):
    left = _left_behind(temporary / "kvgen-dev-left")
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    remove_left_behind()
    assert left.exists()


def test_links_in_a_scratch_folder_are_removed_and_not_followed(temporary):
    (temporary / "mine").mkdir()
    (temporary / "mine" / "file").touch()
    left = _left_behind(temporary / "kvgen-dev-left")
    (left / "link").symlink_to(temporary / "mine")
    (left / "work" / "link").symlink_to(temporary / "mine")
    remove_left_behind()
    assert not left.exists()
    assert (temporary / "mine" / "file").exists()
