"""A folder without a kvgen.lock that can be used gets one, and nothing in it counts as kvgen's."""

import pytest

from tests.regenerate.conftest import contents

_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def left(folder):
    """A folder with an edit, a deletion, and no lock."""
    (folder / "handler.go").write_text("mine\n")
    (folder / ".gitignore").unlink()
    (folder / "kvgen.lock").unlink()
    return folder


def test_folder_without_a_lock_is_refused_with_the_way_on(kvgen, left):
    result = kvgen("regenerate", "function")
    assert result.exit_code == 1
    assert "`kvgen regenerate --adopt function`" in result.stderr
    assert not (left / "kvgen.lock").exists()


def test_adopting_writes_the_lock_and_nothing_else(kvgen, left):
    before = contents(left)
    result = kvgen("regenerate", "--adopt", "function")
    assert result.exit_code == 0
    assert "add      function/kvgen.lock\n" in result.stdout
    assert "2 files left as you made them" in result.stdout
    after = contents(left)
    assert after.pop("kvgen.lock")
    assert after == before


def test_adopted_folder_is_brought_up_to_date_as_any_other(kvgen, left):
    kvgen("regenerate", "--adopt", "function")
    assert kvgen("regenerate", "--check").exit_code == 0
    change = ("--set", "header=X-Visit", "--set", f"namespace-id={_UUID}")
    assert kvgen("regenerate", *change).exit_code == 1
    assert kvgen("regenerate", *change, "--resolve", "handler.go=mine").exit_code == 0
    assert (left / "handler.go").read_text() == "mine\n"
    assert _UUID in (left / "func.toml").read_text()
    assert not (left / ".gitignore").exists()


@pytest.mark.parametrize(
    "lock", ["{", "<<<<<<< ours\n{}", '{"version": "0.1.0"}'], ids=["cut", "marks", "members"]
)
def test_broken_lock_is_replaced(kvgen, folder, lock):
    (folder / "kvgen.lock").write_text(lock)
    before = contents(folder)
    assert kvgen("regenerate", "--check").exit_code == 1
    assert kvgen("regenerate", "--adopt").exit_code == 0
    assert contents(folder) | {"kvgen.lock": b""} == before | {"kvgen.lock": b""}
    assert kvgen("regenerate", "--check").exit_code == 0


def test_lock_that_fits_no_file_is_refused_until_it_is_gone(kvgen, folder):
    text = (folder / "kvgen.lock").read_text()
    for name in contents(folder):
        text = text.replace(f'"{name}": {{', f'"elsewhere/{name}": {{')
    (folder / "kvgen.lock").write_text(text)
    result = kvgen("regenerate")
    assert result.exit_code == 1
    assert "matches no file of this folder" in result.stderr
    (folder / "kvgen.lock").unlink()
    assert kvgen("regenerate", "--adopt").exit_code == 0


def test_lock_that_is_good_is_left_as_it_is(kvgen, folder):
    before = contents(folder)
    assert kvgen("regenerate", "--adopt").stdout == "1 folder, 0 changed\n"
    assert contents(folder) == before


def test_lock_of_a_newer_kvgen_is_not_adopted(kvgen, folder):
    lock = folder / "kvgen.lock"
    lock.write_text(lock.read_text().replace('"version": "0', '"version": "99'))
    assert "upgrade: pip install" in kvgen("regenerate", "--adopt").stderr


def test_new_with_force_gives_a_folder_without_edits_its_lock_back(kvgen, folder):
    before = contents(folder)
    (folder / "kvgen.lock").unlink()
    assert kvgen("new", "session", "function", "-l", "go", "--force").exit_code == 0
    assert contents(folder) == before
