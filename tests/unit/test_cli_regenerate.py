"""`kvgen regenerate` as a person types it."""

import json
import os
import shutil

import pytest


@pytest.fixture
def folder(kvgen, tmp_path):
    assert kvgen("new", "session", "function", "-l", "python").exit_code == 0
    return tmp_path / "function"


def _stat(folder):
    return {path: os.stat(path).st_mtime_ns for path in folder.rglob("*")}


def test_nothing_to_do_touches_nothing(kvgen, folder):
    before = _stat(folder)
    result = kvgen("regenerate")
    assert (result.exit_code, result.stdout) == (0, "1 folder, 0 changed\n")
    assert kvgen("regenerate", "--check").exit_code == 0
    assert _stat(folder) == before


def test_answer_is_changed_with_comments_and_order_kept(kvgen, folder):
    project = folder / "kvgen.toml"
    project.write_text("# mine\n" + project.read_text().replace("session]", "session] # too"))
    result = kvgen("regenerate", "--set", "ttl=90s")
    assert result.exit_code == 0
    text = project.read_text()
    assert text.startswith("# mine\n")
    assert "[patterns.session] # too" in text
    assert 'ttl = "90s"' in text
    assert "SESSION_TTL = 90  # 90 seconds" in (folder / "function" / "handler.py").read_text()
    assert kvgen("regenerate", "--check").exit_code == 0


def test_answer_that_costs_more_than_people_expect_warns_as_in_new(kvgen, folder):
    result = kvgen("regenerate", "--set", "cookie=sid", "--set", "expiry=envelope", "--dry-run")
    assert "Warning: every visitor without the cookie starts a session" in result.stderr
    assert "Warning" not in kvgen("regenerate", "--set", "ttl=1h").stderr


def test_answer_that_was_changed_by_hand_is_taken(kvgen, folder):
    project = folder / "kvgen.toml"
    project.write_text(project.read_text().replace("X-Session-ID", "X-Visit"))
    assert kvgen("regenerate", "--check").exit_code == 3
    assert kvgen("regenerate").exit_code == 0
    assert 'SESSION_HEADER = "X-Visit"' in (folder / "function" / "handler.py").read_text()


def test_check_and_dry_run_write_nothing_and_say_what_would_change(kvgen, folder):
    before = _stat(folder)
    check = kvgen("regenerate", "--set", "ttl=1h", "--check")
    assert (check.exit_code, "1 folder, 1 would change" in check.stdout) == (3, True)
    dry = kvgen("regenerate", "--set", "ttl=1h", "--dry-run")
    assert dry.exit_code == 0
    assert "+SESSION_TTL = 3600  # 1 hour" in dry.stdout
    assert "-SESSION_TTL = 86400  # 24 hours" in dry.stdout
    assert _stat(folder) == before


def test_plan_as_json_is_what_is_done(kvgen, folder):
    planned = json.loads(kvgen("regenerate", "--set", "ttl=1h", "--check", "--json").stdout)
    done = json.loads(kvgen("regenerate", "--set", "ttl=1h", "--json").stdout)
    assert planned == done
    (plan,) = done
    actions = {row["path"]: row["action"] for row in plan["files"]}
    assert actions["function/handler.py"] == "update"
    assert actions["function/kv.py"] == "same"


def test_edit_and_deletion_stay(kvgen, folder):
    readme = folder / "README.md"
    readme.write_text("mine\n")
    (folder / "func.toml").unlink()
    result = kvgen("regenerate", "--set", "namespace-id=3f2504e0-4f89-41d3-9a0c-0305e82c3301")
    assert "2 files left as you made them" in result.stdout
    assert readme.read_text() == "mine\n"
    assert not (folder / "func.toml").exists()
    assert "3f2504e0" in (folder / ".env.example").read_text()


def test_folders_below_are_found_and_those_of_tools_are_not(kvgen, folder, tmp_path):
    for name in ("a/b/deep", "node_modules/x"):
        assert kvgen("new", "flag", name, "-l", "go", "--name", "f").exit_code == 0
    shutil.copytree("a/b/deep", ".git/y")
    assert kvgen("regenerate").stdout == "2 folders, 0 changed\n"
    assert kvgen("regenerate", "a", "a/b").stdout == "1 folder, 0 changed\n"
