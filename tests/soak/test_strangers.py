"""Strangers' folders, editors, signals and a failing system, at every point."""

import errno
import shutil

import pytest

from tests.soak.tally import tell, tried
from tests.strangers.conftest import files, folder, run
from tests.strangers.test_ignored import differences
from tests.strangers.test_runs import _PAGE, COMMANDS, ends_at, fails_at
from tests.strangers.test_saves import SAVES, saves_at

__all__ = ["folder"]

_WORK_TREES = 1_000


@pytest.fixture
def planned(folder, tmp_path):
    """Prepare a folder with a page; returns what comes of a command, and the way back."""
    (folder / "page.md").write_text(_PAGE)
    pristine = tmp_path / "pristine"
    shutil.copytree(folder, pristine)

    def again():
        shutil.rmtree(folder)
        shutil.copytree(pristine, folder)

    def made_by(command):
        assert run(*command, cwd=folder).returncode == 0
        return files(folder), again

    return made_by


@pytest.mark.parametrize("how", SAVES)
@pytest.mark.parametrize("name", ["handler.js", "README.md", "kvgen.toml", "kv.js"])
def test_save_at_every_moment_is_there_afterwards(folder, tmp_path, capsys, how, name):
    pristine = tmp_path / "pristine"
    shutil.copytree(folder, pristine)
    found = tried(lambda number: saves_at(folder, pristine, number, how, name))
    tell(capsys, f"a save of {name} {how} at every call", *found)


@pytest.mark.parametrize("command", COMMANDS)
def test_signal_at_every_moment_leaves_nothing(folder, planned, capsys, command):
    after, again = planned(command)

    def attempt(number):
        again()
        return ends_at(folder, after, number, SystemExit(143), command)

    tell(capsys, f"a signal at every call of {command[0]}", *tried(attempt))


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
@pytest.mark.parametrize("command", COMMANDS)
def test_failure_of_the_system_at_every_call_is_undone(folder, planned, capsys, command, error):
    after, again = planned(command)

    def attempt(number):
        again()
        return fails_at(folder, after, number, error, command)

    tell(capsys, f"{errno.errorcode[error]} at every call of {command[0]}", *tried(attempt))


def test_ignore_files_at_random_mean_what_they_mean_to_git(tmp_path, capsys):
    trees = [(str(number), 1_000 + number) for number in range(_WORK_TREES)]
    failures = [seed for name, seed in trees if differences(tmp_path / name, seed)]
    tell(capsys, "work trees with ignore files", _WORK_TREES, failures)
