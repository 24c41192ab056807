"""Killed at a few points; `make soak` goes through all of them."""

import shutil

import pytest

from tests.regenerate.conftest import contents
from tests.regenerate.deaths import command_line, dies_creating, dies_regenerating
from tests.regenerate.killer import Killer

_CHANGES = ["--set", "ttl=5m", "--set", "header=X-Visit"]


@pytest.fixture(scope="module")
def killer():
    with Killer() as running:
        yield running


@pytest.mark.parametrize("at", [1, 12, 24, 36, 48])
def test_killed_run_leaves_what_the_next_one_finishes(kvgen, folder, tmp_path, killer, at):
    edited = folder / "handler.go"
    edited.write_text(edited.read_text() + "// mine\n")
    twin = tmp_path / "twin"
    shutil.copytree(folder, twin)
    command_line(["regenerate", str(twin), *_CHANGES])
    arguments = ["regenerate", str(folder), *_CHANGES]
    assert dies_regenerating(killer, at, folder, arguments, contents(twin))


@pytest.mark.parametrize("at", [1, 8, 16, 24, 32])
@pytest.mark.parametrize("command", ["add", "remove"])
def test_killed_change_of_the_patterns_is_finished_by_the_same_command(
    kvgen, folder, tmp_path, killer, command, at
):
    if command == "remove":
        command_line(["add", "cache", str(folder)])
    edited = folder / "handler.go"
    edited.write_text(edited.read_text() + "// mine\n")
    twin = tmp_path / "twin"
    shutil.copytree(folder, twin)
    command_line([command, "cache", str(twin)])
    arguments = [command, "cache", str(folder)]
    assert dies_regenerating(killer, at, folder, arguments, contents(twin))
    assert "0 changed" in command_line(["regenerate", str(folder)])


@pytest.mark.parametrize("at", [1, 4, 8, 10, 12, 16])
def test_killed_addition_to_a_foreign_function_is_finished_by_the_same_command(
    tmp_path, killer, at
):
    for name in ("twin", "shop"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "func.toml").write_text('[edge_compute]\nfunc_name = "shop"\n')
        (tmp_path / name / "index.js").write_text("// mine\n")
    command_line(["add", "flag", str(tmp_path / "twin")])
    arguments = ["add", "flag", str(tmp_path / "shop")]
    planned = contents(tmp_path / "twin")
    assert dies_regenerating(killer, at, tmp_path / "shop", arguments, planned)


@pytest.mark.parametrize("at", [2, 12, 20])
def test_killed_scaffold_leaves_no_folder_or_a_whole_one(kvgen, tmp_path, killer, at):
    folder = tmp_path / "made"
    assert dies_creating(killer, at, folder, ["new", "session", str(folder), "-l", "go"])


def test_scratch_of_a_killed_scaffold_is_no_folder_of_yours(kvgen, tmp_path, killer):
    arguments = ["new", "session", str(tmp_path / "made"), "-l", "go"]
    assert not killer.run(12, command_line, arguments)
    (scratch,) = tmp_path.glob(".made.kvgen-*")
    (scratch / "kvgen.toml").write_text("")
    assert "no kvgen.toml at or below" in kvgen("regenerate").stderr
