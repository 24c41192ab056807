"""An editor saves while kvgen writes, and nothing that was saved is lost."""

import shutil

import pytest

from tests.strangers.conftest import files, run
from tests.strangers.editor import at_call, save_by_rename, save_in_place

SAVES = {"in place": save_in_place, "by rename": save_by_rename}
_MINE = b"// saved a moment ago\n"
_CHANGES = ("regenerate", "--set", "ttl=5m", "--set", "header=X-Visit")


def saves_at(folder, pristine, number, how, name="handler.js") -> bool:
    """Save at a point of a run and look for what was saved; False beyond the last point."""
    shutil.rmtree(folder)
    shutil.copytree(pristine, folder)
    before = files(folder)
    with at_call(number, lambda: SAVES[how](folder / name, _MINE)) as count:
        done = run(*_CHANGES, cwd=folder)
    if count[0] < number:
        return False
    assert (folder / name).read_bytes() == _MINE, (number, how, done)
    present = files(folder)
    if done.returncode:
        assert present == {**before, name: _MINE}, number
    assert present.keys() == before.keys()
    return True


@pytest.mark.parametrize("how", SAVES)
def test_save_at_any_moment_is_there_afterwards(folder, tmp_path, how):
    shutil.copytree(folder, tmp_path / "pristine")
    for number in range(1, 400, 9):
        if not saves_at(folder, tmp_path / "pristine", number, how):
            break
    else:
        raise AssertionError("the run has no end")
    assert number > 30


@pytest.mark.parametrize("how", SAVES)
@pytest.mark.parametrize("name", ["README.md", "kvgen.toml"])
def test_save_after_a_swap_survives_the_undo_of_a_later_refusal(folder, monkeypatch, how, name):
    from kvgen.errors import ConflictError
    from kvgen.scaffold.swaps import Swaps

    before, real = files(folder), Swaps.swap

    def refuse_the_lock(self, row):
        if row.path == "kvgen.lock":
            SAVES[how](folder / name, _MINE)
            raise ConflictError("later")
        real(self, row)

    monkeypatch.setattr(Swaps, "swap", refuse_the_lock)
    assert run(*_CHANGES, cwd=folder).returncode == 1
    assert files(folder) == {**before, name: _MINE}


@pytest.mark.parametrize("how", SAVES)
def test_save_just_before_the_exchange_is_put_back(folder, monkeypatch, how):
    from kvgen.scaffold import swaps

    before, real = files(folder), swaps.swap  # type: ignore[attr-defined]

    def save_first(source, target, path):
        if path == "README.md" and not (folder / "saved").exists():
            (folder / "saved").touch()
            SAVES[how](folder / path, _MINE)
        return real(source, target, path)

    monkeypatch.setattr(swaps, "swap", save_first)
    done = run(*_CHANGES, cwd=folder)
    assert done.returncode == 1
    assert "changed while kvgen was running" in done.stderr
    assert files(folder) == {**before, "README.md": _MINE, "saved": b""}


@pytest.mark.parametrize("how", SAVES)
def test_save_just_before_a_removal_is_put_back(folder, monkeypatch, how):
    from kvgen.scaffold import swaps

    assert run("add", "flag", cwd=folder).returncode == 0
    before, real = files(folder), swaps.move  # type: ignore[attr-defined]

    def save_first(source, target, path):
        if path == "flag.js" and _MINE not in files(folder).values():
            SAVES[how](folder / path, _MINE)
        real(source, target, path)

    monkeypatch.setattr(swaps, "move", save_first)
    assert run("remove", "flag", cwd=folder).returncode == 1
    assert files(folder) == {**before, "flag.js": _MINE}


def test_file_that_appears_where_one_is_added_is_kept(folder, monkeypatch):
    from kvgen.scaffold import swaps

    before, real = files(folder), swaps.link  # type: ignore[attr-defined]

    def save_first(source, target, path):
        if path == "flag.js" and not (folder / path).exists():
            save_in_place(folder / path, _MINE)
        real(source, target, path)

    monkeypatch.setattr(swaps, "link", save_first)
    assert run("add", "flag", cwd=folder).returncode == 1
    assert files(folder) == {**before, "flag.js": _MINE}


@pytest.fixture
def lesser(monkeypatch, request):
    """A file system that cannot exchange two files in one step, cannot link them, or neither."""
    from kvgen.files import changes

    def cannot(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    if request.param != "links":
        monkeypatch.setattr(changes, "exchange", lambda *_: False)
    if request.param != "exchange":
        monkeypatch.setattr(changes.os, "link", cannot)  # type: ignore[attr-defined]


_LESSER = pytest.mark.parametrize("lesser", ["exchange", "links", "both"], indirect=True)


@_LESSER
@pytest.mark.parametrize("how", SAVES)
def test_save_before_a_swap_is_seen_by_lesser_file_systems_too(folder, monkeypatch, lesser, how):
    """Without links it cannot be compared afterwards, so there is a look just before."""
    from kvgen.scaffold.swaps import Swaps

    before, real = files(folder), Swaps.swap

    def save_first(self, row):
        if row.path == "README.md":
            SAVES[how](folder / row.path, _MINE)
        real(self, row)

    monkeypatch.setattr(Swaps, "swap", save_first)
    assert run(*_CHANGES, cwd=folder).returncode == 1
    assert files(folder) == {**before, "README.md": _MINE}


@_LESSER
def test_file_systems_that_can_do_less_are_written_all_the_same(folder, monkeypatch, lesser):
    from kvgen.scaffold import swaps

    for command in (_CHANGES, ("add", "flag"), ("remove", "flag")):
        assert run(*command, cwd=folder).returncode == 0
    before, real = files(folder), swaps.Swaps.swap

    def refuse_the_lock(self, row):
        if row.path == "kvgen.lock":
            raise KeyboardInterrupt
        real(self, row)

    monkeypatch.setattr(swaps.Swaps, "swap", refuse_the_lock)
    assert run("regenerate", "--set", "ttl=7m", cwd=folder).returncode != 0
    assert run("add", "flag", cwd=folder).returncode != 0
    assert files(folder) == before
