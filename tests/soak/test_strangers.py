"""Strangers' folders, editors and signals at every point; prints the tries and the failures."""

import itertools
import shutil

import pytest

from tests.strangers.conftest import files, folder, run
from tests.strangers.test_ignored import differences
from tests.strangers.test_runs import _CHANGES, _NEW, _PAGE, ends_at
from tests.strangers.test_saves import SAVES, saves_at

__all__ = ["folder"]

_WORK_TREES = 1_000


def _report(capsys, what, tries, failures):
    with capsys.disabled():
        print(f"\n{what}: {tries} tries, {failures} failures")
    assert failures == 0


@pytest.mark.parametrize("how", SAVES)
@pytest.mark.parametrize("name", ["handler.js", "README.md", "kvgen.toml", "kv.js"])
def test_save_at_every_moment_is_there_afterwards(folder, tmp_path, capsys, how, name):
    shutil.copytree(folder, tmp_path / "pristine")
    failures = 0
    for number in itertools.count(1):
        try:
            if not saves_at(folder, tmp_path / "pristine", number, how, name):
                break
        except AssertionError:
            failures += 1
    _report(capsys, f"saves of {name} {how}", number - 1, failures)


@pytest.mark.parametrize("command", [_CHANGES, ("add", "flag", "."), _NEW, ("docs", "page.md")])
def test_signal_at_every_moment_leaves_nothing(folder, tmp_path, capsys, command):
    (folder / "page.md").write_text(_PAGE)
    shutil.copytree(folder, tmp_path / "pristine")
    command_line_in(folder, command)
    planned, failures = files(folder), 0
    for number in itertools.count(1):
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "pristine", folder)
        try:
            if not ends_at(folder, planned, number, SystemExit(143), command):
                break
        except AssertionError:
            failures += 1
    _report(capsys, f"signals in {command[0]}", number - 1, failures)


def command_line_in(place, command):
    """Run a command that has to succeed."""
    assert run(*command, cwd=place).returncode == 0


def test_ignore_files_at_random_mean_what_they_mean_to_git(tmp_path, capsys):
    failures = sum(bool(differences(tmp_path / str(n), 1_000 + n)) for n in range(_WORK_TREES))
    _report(capsys, "work trees with ignore files", _WORK_TREES, failures)
