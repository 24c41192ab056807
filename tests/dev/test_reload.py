"""What reloads a function and what does not, on folders as they are on real machines."""

import os
import shutil

import pytest

from tests.behaviour.hosting import wait_until
from tests.dev.conftest import developing, working_in
from tests.dev.functions import change, written

_SOURCE = {
    "javascript": "handler.js",
    "typescript": "handler.ts",
    "python": "function/handler.py",
    "go": "handler.go",
}


@pytest.fixture
def mine(tmp_path):
    return written(tmp_path / "function", "javascript")


@pytest.mark.parametrize("language", _SOURCE)
def test_function_that_kvgen_did_not_make_runs_and_reloads(tmp_path, language):
    folder = written(tmp_path / "function", language)
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on http://localhost:")
        assert dev.get().json() == {"word": "first"}
        source = folder / _SOURCE[language]
        source.write_text(source.read_text() + "\n")
        dev.says(f"{_SOURCE[language]} changed\nReloaded.")
        change(folder, "second")
        dev.says("func.toml changed\nReloaded.")
        assert dev.get().json() == {"word": "second"}


def test_first_good_start_after_a_bad_one_says_where_the_function_is(mine):
    handler = mine / "handler.js"
    good = handler.read_text()
    handler.write_text("not JavaScript")
    with developing(mine, "--port", "0") as dev:
        dev.says("SyntaxError")
        handler.write_text(good)
        dev.says("handler.js changed\nReady on http://localhost:")
        assert "Reloaded." not in dev.output


_NO_SOURCES = [
    *("server.log", "kv.db", "kv.db-wal", "notes.txt", "README.md", "4913"),
    *(".#handler.js", "#handler.js#", ".handler.js.kate-swp", ".handler.js.swp", "handler.js~"),
    *("flycheck_handler.js", ".DS_Store", "._handler.js", "handler.js___jb_tmp___"),
    *("node_modules/a/index.js", ".venv/lib/a.json", ".git/a.json", "__pycache__/a.json"),
    *("env/pyvenv.cfg", "env/lib/a.json"),
    *("dist/handler.js", "coverage/tmp/a.json", "made.gen.js", "lib/made.gen.js"),
    *("tmp/handler.js", "tmp/a/b.json"),
]


def test_what_is_no_source_or_ignored_reloads_nothing(mine):
    (mine / ".gitignore").write_text("dist/\ncoverage\n*.gen.js\n!lib/kept.gen.js\n.env\n")
    (mine / "tmp").mkdir()
    with developing(mine, "--port", "0", TMPDIR=str(mine / "tmp")) as dev:
        dev.says("Ready on")
        assert list((mine / "tmp").glob("kvgen-dev-*"))
        for path in _NO_SOURCES:
            (mine / path).parent.mkdir(parents=True, exist_ok=True)
            (mine / path).write_text("{}")
        for path in ("handler.js", ".env", "lib/kept.gen.js"):  # seen by the same look, or a later
            (mine / path).parent.mkdir(exist_ok=True)
            with (mine / path).open("a") as file:
                file.write("\n")
        dev.says("\n.env, handler.js, lib/kept.gen.js changed\n")
        dev.says("Reloaded.")
        assert dev.output.count(" changed") == 1


def test_folders_above_and_within_say_what_is_ignored_as_for_git(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("dist/\n")
    folder = written(tmp_path / "function", "javascript")
    (folder / "lib").mkdir()
    (folder / "lib" / ".gitignore").write_text("\ufeff*.js\n!kept.js\n!\n[z-a]\n")
    os.mkfifo(folder / "dist")  # none of the names makes it wait
    os.mkfifo(folder / "pipe.js")
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        (folder / "lib" / "dist").mkdir()
        for path in ("lib/dist/kept.js", "lib/a.js", "lib/kept.js"):
            (folder / path).touch()
        dev.says("\nlib/kept.js changed\nReloaded.")
        assert dev.output.count(" changed") == 1


def test_folder_that_is_ignored_as_a_whole_reloads_all_the_same(tmp_path):
    """Home folders are repositories too, with `*` for a rule."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*\n")
    folder = written(tmp_path / "function", "javascript")
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        change(folder, "second")
        dev.says("func.toml changed\nReloaded.")


def test_ignore_rule_of_many_stars_does_not_delay_a_reload(mine):
    (mine / ".gitignore").write_text("a*" * 20 + "b\n")
    name = "a" * 200 + ".js"
    with developing(mine, "--port", "0") as dev:
        dev.says("Ready on")
        (mine / name).touch()
        dev.says(f"{name} changed\nReloaded.")


def test_ignore_file_that_is_a_pipe_is_not_waited_for(mine):
    os.mkfifo(mine / ".gitignore")
    with developing(mine, "--port", "0") as dev:
        dev.says("Ready on")
        change(mine, "second")
        dev.says("Reloaded.")


def test_folder_that_is_removed_and_comes_back_reloads_again(mine, tmp_path):
    with developing(mine, "--port", "0") as dev:
        dev.says("Ready on")
        mine.rename(tmp_path / "away")
        dev.says(f"{mine} was removed; the function starts again when it is back")
        (tmp_path / "away").rename(mine)
        dev.says("Reloaded.")
        shutil.rmtree(mine)
        dev.says("the function starts again when it is back", times=2)
        written(mine, "javascript")
        dev.says("Reloaded.", times=2)
        change(mine, "second")
        dev.says("Reloaded.", times=3)
        assert dev.get().json() == {"word": "second"}


def _as_anybody():
    """Return what is put before a command so that root, too, is kept out of locked folders."""
    if os.geteuid():
        return []
    setpriv = shutil.which("setpriv")
    assert setpriv, "setpriv (util-linux) is missing"
    return [setpriv, "--bounding-set", "-dac_override,-dac_read_search"]


def test_subfolder_that_may_not_be_read_is_said_once_and_the_rest_is_watched(mine):
    locked = mine / "database"
    locked.mkdir(mode=0)
    try:
        with developing(mine, "--port", "0", before=_as_anybody()) as dev:
            dev.says("database: Permission denied. Changes in it will not be noticed.")
            dev.says("Ready on")
            for number, word in enumerate(("second", "third"), start=1):
                change(mine, word)
                dev.says("Reloaded.", times=number)
            assert dev.output.count("will not be noticed") == 1
    finally:
        locked.chmod(0o700)


@pytest.mark.parametrize("language", ["python", "go"])
def test_path_that_is_not_utf8_runs_and_reloads(tmp_path, language):
    folder = written(tmp_path / os.fsdecode(b"caf\xe9") / "function", language)
    (folder / os.fsdecode(b"\xe9.json")).touch()
    with developing(folder, "--port", "0") as dev:
        dev.says("Ready on")
        (folder / os.fsdecode(b"\xe9.json")).write_text("{}")
        dev.says("json changed\nReloaded.")
        change(folder, "second")
        dev.says("func.toml changed\nReloaded.")
        assert dev.get().json() == {"word": "second"}


def test_path_that_is_not_utf8_is_a_clear_error_for_node_which_cannot_read_it(tmp_path):
    folder = written(tmp_path / os.fsdecode(b"caf\xe9") / "function", "javascript")
    with developing(folder, "--port", "0") as dev:
        dev.says("its path is not UTF-8\nHint: rename the folder")
        folder.rename(tmp_path / "function")
        dev.says("was removed; the function starts again when it is back")


def test_watching_takes_nothing_that_the_system_could_run_out_of(mine):
    """The kernel's watches are used up on many machines, by editors above all."""
    with developing(mine, "--port", "0") as dev:
        dev.says("Ready on")
        files = [os.readlink(f"/proc/{dev.process.pid}/fd/{n}") for n in _open_files(dev)]
        assert not [file for file in files if "inotify" in file]


def _open_files(dev):
    return os.listdir(f"/proc/{dev.process.pid}/fd")


def test_change_in_the_middle_of_a_start_is_not_missed(mine, tmp_path):
    """The first look is taken before the start."""
    (mine / "handler.js").write_text(
        "import { existsSync } from 'node:fs';\n"
        f"while (!existsSync({str(tmp_path / 'go')!r}));\n" + (mine / "handler.js").read_text()
    )
    with developing(mine, "--port", "0") as dev:
        wait_until(lambda: len(working_in(mine)) == 2, "it was not started")
        change(mine, "second")
        (tmp_path / "go").touch()
        dev.says("Ready on")
        dev.says("func.toml changed\nReloaded.")
