"""Runs that end early, and runs at the same time."""

import contextlib
import errno
import fcntl
import functools
import itertools
import os
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from kvgen.docs.files import apply_pages, plan_pages
from kvgen.files.folder import Folder
from kvgen.files.locks import locked
from kvgen.files.scratch import scratch_folder
from kvgen.scaffold.staging import leftovers
from tests.regenerate.deaths import command_line
from tests.regenerate.killer import Killer
from tests.strangers.conftest import ROOT, files, run, start
from tests.strangers.editor import at_call

_PAGE = "<!-- kvgen: session go handler -->\n<!-- kvgen: end -->\n"
_CHANGES = ("regenerate", "--set", "ttl=5m", "--set", "header=X-Visit")
_NEW = ("new", "session", "made/it", "-l", "go")
#: Those that write; the page is ``_PAGE``.
COMMANDS = [_CHANGES, ("add", "flag", "."), _NEW, ("docs", "page.md")]


@pytest.fixture(scope="module")
def killer():
    with Killer() as running:
        yield running


def ends_at(place, planned, number, error, command) -> bool:
    """End a command at a point as a signal does; False beyond the last point."""

    def stop():
        # The system holds back what comes in these moments, and so does this.
        if not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM}:
            raise error

    before = files(place)
    with at_call(number, stop) as count:
        run(*command, cwd=place)
    if count[0] < number:
        return False
    after = files(place)
    assert after in (before, planned), number
    assert after == planned or not (place / "made").exists()
    return True


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143)], ids=["Ctrl-C", "TERM"])
@pytest.mark.parametrize("command", COMMANDS)
def test_signal_leaves_nothing_half_done_and_nothing_behind(folder, tmp_path, error, command):
    (folder / "page.md").write_text(_PAGE)
    shutil.copytree(folder, tmp_path / "pristine")
    assert run(*command, cwd=folder).returncode == 0
    planned = files(folder)
    for number in range(1, 400, 7):
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "pristine", folder)
        if not ends_at(folder, planned, number, error, command):
            break
    assert number > 7


_SIGNALLED = """
import os, sys
from kvgen.cli import main
import kvgen.cli.new, kvgen.cli.regenerate
from tests.strangers.editor import at_call
number, at, *arguments = sys.argv[1:]
with at_call(int(at), lambda: os.kill(os.getpid(), int(number))):
    main(arguments, prog_name="kvgen")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", [_CHANGES, _NEW], ids=lambda command: command[0])
def test_signal_of_the_system_ends_with_its_status_and_leaves_nothing(folder, command, number):
    """In the middle of what is written; ``ends_at`` goes through every moment."""
    before = files(folder)
    for at in (3, 9, 15):
        done = subprocess.run(
            [sys.executable, "-c", _SIGNALLED, str(number.value), str(at), *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, "Stopped" in done.stderr) == (128 + number, True), done
        assert files(folder) == before, at


def fails_at(place, planned, number, error, command) -> bool:
    """Let the system fail at a point; False beyond the last point.

    What the command says is true, and when it is run again all is as planned.
    """

    def fail():
        raise OSError(error, os.strerror(error))

    before = files(place)
    with at_call(number, fail) as count:
        done = run(*command, cwd=place)
    if count[0] < number:
        return False
    present = {path: text for path, text in files(place).items() if ".kvgen-" not in path}
    assert present == (before if done.returncode else planned), (number, done)
    run(*command, cwd=place)
    assert files(place) == planned, number
    return True


@pytest.mark.parametrize("command", COMMANDS)
def test_failure_of_the_system_is_said_and_undone(folder, tmp_path, command):
    (folder / "page.md").write_text(_PAGE)
    shutil.copytree(folder, tmp_path / "pristine")
    assert run(*command, cwd=folder).returncode == 0
    planned = files(folder)

    def again():
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "pristine", folder)

    again()
    with at_call(sys.maxsize, sys.exit) as count:
        assert run(*command, cwd=folder).returncode == 0
    last = count[0]
    for number in (*range(1, last, 5), last):
        again()
        assert fails_at(folder, planned, number, errno.ENOSPC, command), number
    assert last > 25


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143)], ids=["Ctrl-C", "TERM"])
def test_signal_while_git_merges_leaves_no_folder(folder, tmp_path, monkeypatch, error):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    handler = folder / "handler.js"
    handler.write_text("// mine\n" + handler.read_text().replace("Session", "Visit"))

    def stop(*_, **__):
        raise error

    monkeypatch.setattr(subprocess, "run", stop)
    assert run(*_CHANGES, cwd=folder).returncode != 0
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("way_on", ["regenerate", "new"])
def test_new_that_is_killed_after_its_first_files_is_finished(kvgen, tmp_path, killer, way_on):
    assert kvgen("new", "session", "twin", "-l", "go", "--name", "f").exit_code == 0
    (tmp_path / "f").mkdir()
    again = ["new", "session", str(tmp_path / "f"), "-l", "go", "--force"]
    for at in range(1, 400, 11):
        shutil.rmtree(tmp_path / "f")
        (tmp_path / "f").mkdir()
        if killer.run(at, command_line, again):
            break
        is_begun = (tmp_path / "f" / "kvgen.toml").exists()
        command_line(
            ["regenerate", str(tmp_path / "f")] if is_begun and way_on == "regenerate" else again
        )
        assert files(tmp_path / "f") == files(tmp_path / "twin"), at
    assert at > 100


def test_page_leaves_the_scratch_of_a_killed_run_in_its_folder(kvgen, folder, killer):
    (folder / "page.md").write_text(_PAGE)
    arguments = ["regenerate", str(folder), "--set", "ttl=5m"]
    for at in (45, 52, 59, 66):
        assert not killer.run(at, command_line, arguments)
        assert kvgen("docs", str(folder / "page.md")).exit_code == 0
        assert kvgen("regenerate", str(folder), "--set", "ttl=7m").exit_code == 0
        assert kvgen("regenerate", str(folder), "--set", "ttl=24h").exit_code == 0


def test_pages_of_one_folder_are_refreshed_at_once(tmp_path):
    pages = [tmp_path / f"{number}.md" for number in range(6)]
    for page in pages:
        page.write_text(_PAGE)
    running = [start("docs", page.name, cwd=tmp_path) for page in pages]
    assert [process.communicate()[1] for process in running] == [""] * 6
    assert {process.returncode for process in running} == {0}
    assert len({page.read_text() for page in pages}) == 1
    assert sorted(files(tmp_path)) == sorted(page.name for page in pages)


def _peek(place, held):
    """Look for leftovers as another run does, and hold the lock of each scratch folder for long."""
    assert leftovers(place, "page") == []
    for name in os.listdir(place):
        handle = os.open(place / name, os.O_RDONLY)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held.append(threading.Timer(0.02, os.close, [handle]))
        held[-1].start()


def test_scratch_folder_in_use_is_no_leftover_at_any_moment(tmp_path):
    for number in itertools.count(1):
        held: list[threading.Timer] = []
        peek = functools.partial(_peek, tmp_path, held)
        with Folder(tmp_path) as parent, at_call(number, peek) as count:
            with scratch_folder(parent, "page"):
                for timer in held:
                    timer.join()
                assert leftovers(tmp_path, "page") == [], number
            assert os.listdir(tmp_path) == []
        for timer in held:
            timer.join()
        if count[0] < number:
            break
    assert number > 10


@pytest.mark.parametrize("command", [_CHANGES, ("docs", "page.md")])
def test_leftover_that_another_run_removes_meanwhile_is_no_error(folder, tmp_path, command):
    (folder / "page.md").write_text(_PAGE)
    shutil.copytree(folder, tmp_path / "pristine")
    left = folder / f".{'staged' if command == _CHANGES else 'page'}.kvgen-0123456789ab"
    for number in itertools.count(1, 3):
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "pristine", folder)
        left.mkdir()
        (left / f"made-by-kvgen-{left.stat().st_ino}").touch()
        with at_call(number, lambda: shutil.rmtree(left, ignore_errors=True), "open") as count:
            done = run(*command, cwd=folder)
        assert (done.returncode, done.stderr) == (0, ""), number
        if count[0] < number:
            break
    assert number > 20


def test_one_page_is_refreshed_by_several_runs_and_names(tmp_path):
    (tmp_path / "page.md").write_text(_PAGE)
    (tmp_path / "link.md").symlink_to("page.md")
    names = ["page.md", "link.md", "page.md", "link.md"]
    running = [start("docs", name, cwd=tmp_path) for name in names]
    assert [process.communicate()[1] for process in running] == [""] * 4
    assert "func" in (tmp_path / "page.md").read_text()
    (tmp_path / "page.md").write_text(_PAGE)
    done = run("docs", "page.md", "link.md", "./page.md", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(files(tmp_path)) == ["link.md", "page.md"]


def test_run_that_finds_its_page_locked_waits_for_it(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(_PAGE)
    plans, other = plan_pages([page]), contextlib.ExitStack()
    other.enter_context(locked(page))
    monkeypatch.setattr("kvgen.files.locks.time.sleep", lambda _: other.close())
    apply_pages(plans)
    assert "func" in page.read_text()


def test_page_that_was_saved_while_another_run_had_it_keeps_what_was_saved(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(_PAGE)
    plans = plan_pages([page])
    page.write_text(f"mine\n{_PAGE}")
    apply_pages(plans)
    assert page.read_text().startswith("mine\n<!-- kvgen")
    assert "func" in page.read_text()


@pytest.mark.parametrize("is_there", [True, False])
def test_two_runs_of_new_make_one_folder(tmp_path, is_there):
    for number in range(5):
        name = f"f{number}"
        if is_there:
            (tmp_path / name).mkdir()
        running = [start("new", "session", name, "-l", "go", cwd=tmp_path) for _ in range(2)]
        said = [process.communicate() for process in running]
        assert sorted(process.returncode for process in running) == [0, 1], said
        assert sum("Created" in out for out, _ in said) == 1
        assert not [path for path in files(tmp_path) if ".kvgen-" in path]


def test_folder_that_another_run_made_before_the_last_step_is_refused(tmp_path, monkeypatch):
    from kvgen.scaffold import apply

    finish = apply.finish  # type: ignore[attr-defined]

    def make_first(parent, stage, name):
        monkeypatch.undo()
        assert run(*_NEW, cwd=tmp_path).returncode == 0
        finish(parent, stage, name)

    monkeypatch.setattr(apply, "finish", make_first)
    done = run(*_NEW, cwd=tmp_path)
    assert (done.returncode, "exists by now" in done.stderr) == (1, True)
    assert sorted(path for path in files(tmp_path) if ".kvgen-" in path) == []


def test_folder_that_another_run_made_between_two_looks_is_refused(kvgen, tmp_path, monkeypatch):
    from kvgen.scaffold import create

    def make_first(folder, paths):
        monkeypatch.undo()
        os.chdir(tmp_path)
        assert kvgen("new", "session", "f", "-l", "go").exit_code == 0
        return create.read_disk(folder, paths)  # type: ignore[attr-defined]

    monkeypatch.setattr(create, "read_disk", make_first)
    result = kvgen("new", "session", "f", "-l", "go")
    assert (result.exit_code, "is not empty" in result.stderr) == (1, True)


def test_what_root_writes_in_a_users_folder_is_the_users(kvgen, folder, tmp_path):
    # Without root's rights there is one owner, who has to stay it all the same.
    is_root, own = os.geteuid() == 0, (os.geteuid(), os.getegid())
    theirs, another = ((1234, 1235), (1236, 1237)) if is_root else (own, own)
    os.chown(tmp_path, *theirs)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, *theirs)
    os.chown(folder / "README.md", *another)
    (folder / "handler.js").chmod(0o600)
    (folder / "page.md").write_text(_PAGE)
    os.chown(folder / "page.md", *another)
    for command in (
        (*_CHANGES[:1], str(folder), *_CHANGES[1:]),
        ("add", "flag", str(folder)),
        ("docs", str(folder / "page.md")),
        (*_NEW[:2], "a/b", *_NEW[3:]),
        ("new", "flag", "p", "-l", "python"),
    ):
        assert kvgen(*command).exit_code == 0, command
    owners = {
        str(p.relative_to(tmp_path)): (p.stat().st_uid, p.stat().st_gid)
        for p in tmp_path.rglob("*")
    }
    kept = {"s/README.md", "s/page.md"}
    assert {owners.pop(path) for path in kept} == {another}
    assert {path for path, owner in owners.items() if owner != theirs} == set()
    assert (folder / "handler.js").stat().st_mode & 0o777 == 0o600


def test_name_that_is_as_long_as_names_can_be_works(kvgen, tmp_path):
    name = "f" * 255
    assert kvgen("new", "session", name, "-l", "go", "--name", "f").exit_code == 0
    assert os.listdir(tmp_path) == [name]
