"""A full disk, missing rights or a missing folder: the run fails and changes nothing."""

import os
import shutil
import subprocess
import sys

import pytest

from kvgen.files.locks import locked
from tests.regenerate.conftest import contents, times

_ARGUMENTS = ("regenerate", "function", "--set", "ttl=5m")
_HINT = "Hint: choose a folder that you may write to, on a disk with free space\n"
_DROP_BOUND, _OVERRIDE, _SEARCH = 24, 1, 2  # prctl(2) and capabilities(7)


# No file may grow beyond a size: what a full disk does to a write, for root as well.
_NO_ROOM = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"

# Let modes count for root too: prctl(PR_CAPBSET_DROP) takes CAP_DAC_OVERRIDE and
# CAP_DAC_READ_SEARCH from what is started next.
_AS_ANYBODY = """
import ctypes, os
if os.geteuid() == 0:
    assert [ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) for capability in (1, 2)] == [0, 0]
"""


def _run(*arguments, cwd, first):
    """Run kvgen in a process of its own that does something to itself first."""
    go_on = (
        "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'kvgen', *sys.argv[1:]])"
    )
    return subprocess.run(
        [sys.executable, "-c", f"{first}\n{go_on}", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("size", [0, 300, 3000, 20000])
def test_full_disk_leaves_the_folder_as_it_was(folder, tmp_path, size):
    before = times(folder)
    done = _run(*_ARGUMENTS, cwd=tmp_path, first=_NO_ROOM.format(size=size))
    assert (done.returncode, done.stdout) == (1, "1 folder, 0 changed, 1 failed\n")
    assert done.stderr == f"Error: function cannot be written: File too large\n{_HINT}"
    assert _but_for_the_folder(times(folder), folder) == _but_for_the_folder(before, folder)


def _but_for_the_folder(stats, folder):
    """Leave out the folder's own time, which scratch that came and went has changed."""
    return {path: stat for path, stat in stats.items() if path != str(folder)}


@pytest.mark.parametrize("size", [0, 300, 3000, 20000])
def test_full_disk_leaves_no_new_folder(kvgen, tmp_path, size):
    arguments = ("new", "session", "a/b/function", "-l", "go")
    done = _run(*arguments, cwd=tmp_path, first=_NO_ROOM.format(size=size))
    assert (done.returncode, done.stdout) == (1, "")
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_read_only_is_not_replaced(kvgen, folder):
    (folder / "handler.go").chmod(0o444)
    before = contents(folder)
    result = kvgen(*_ARGUMENTS)
    assert result.exit_code == 1
    assert "handler.go is read-only" in result.stderr
    assert "chmod u+w" in result.stderr
    assert contents(folder) == before


def test_folder_that_is_read_only_is_left_alone(kvgen, tmp_path):
    assert kvgen("new", "session", "function", "-l", "python").exit_code == 0
    folder = tmp_path / "function"
    (folder / "function").chmod(0o555)
    before = contents(folder)
    done = _run(*_ARGUMENTS, cwd=tmp_path, first=_AS_ANYBODY)
    (folder / "function").chmod(0o755)
    assert done.returncode == 1
    assert done.stderr == f"Error: function cannot be written: Permission denied\n{_HINT}"
    assert contents(folder) == before


@pytest.mark.parametrize("kind", ["made", "foreign"])
def test_addition_to_a_folder_that_is_read_only_leaves_it_alone(kvgen, tmp_path, kind):
    folder = tmp_path / "function"
    if kind == "made":
        assert kvgen("new", "session", "function", "-l", "js").exit_code == 0
    else:
        folder.mkdir()
        (folder / "index.js").write_text("// mine\n")
    folder.chmod(0o555)
    before = contents(folder)
    done = _run("add", "flag", "function", cwd=tmp_path, first=_AS_ANYBODY)
    folder.chmod(0o755)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: function cannot be written: Permission denied\n{_HINT}"
    assert contents(folder) == before


@pytest.mark.parametrize("size", [0, 300, 3000])
def test_addition_on_a_full_disk_leaves_the_folder_as_it_was(folder, tmp_path, size):
    before = contents(folder)
    done = _run("add", "cache", "function", cwd=tmp_path, first=_NO_ROOM.format(size=size))
    assert (done.returncode, done.stdout) == (1, "")
    assert "File too large" in done.stderr
    assert contents(folder) == before


def test_folder_that_cannot_be_looked_into_is_an_error_and_the_others_go_on(
    kvgen, folder, tmp_path
):
    (tmp_path / "closed").mkdir(mode=0)
    done = _run("regenerate", "--check", cwd=tmp_path, first=_AS_ANYBODY)
    assert done.returncode == 1
    assert "closed/kvgen.toml: Permission denied" in done.stderr
    assert done.stdout == "2 folders, 0 would change, 1 failed\n"


@pytest.mark.parametrize("call", ["link"])
def test_folder_that_is_deleted_in_the_middle_is_an_error(kvgen, folder, monkeypatch, call):
    real, calls = getattr(os, call), []

    def delete_and_go_on(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 2:
            shutil.rmtree(folder)
        return real(*arguments, **options)

    monkeypatch.setattr(os, call, delete_and_go_on)
    result = kvgen(*_ARGUMENTS)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "No such file or directory" in result.stderr
    assert "1 failed" in result.stdout


def test_two_runs_at_the_same_time_do_not_meet(kvgen, folder):
    before = contents(folder)
    with locked(folder):
        result = kvgen(*_ARGUMENTS)
    assert result.exit_code == 1
    assert "another kvgen is running in" in result.stderr
    assert contents(folder) == before
    assert kvgen(*_ARGUMENTS).exit_code == 0


def test_file_in_the_place_of_a_folder_is_an_error(kvgen, tmp_path):
    assert kvgen("new", "session", "function", "-l", "python").exit_code == 0
    folder = tmp_path / "function"
    shutil.rmtree(folder / "tests")
    (folder / "tests").write_text("mine\n")
    assert kvgen(*_ARGUMENTS).exit_code == 0
    assert (folder / "tests").read_text() == "mine\n"
    result = kvgen("new", "session", "function", "-l", "python", "--force")
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert (folder / "tests").read_text() == "mine\n"
