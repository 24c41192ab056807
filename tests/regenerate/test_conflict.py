"""Edits that meet kvgen's: merged where they can be, shown where they clash, never lost."""

import json
import os
import pty
import shlex
import subprocess
import sys

import pytest

from tests.regenerate.conftest import contents, times

_ARGUMENTS = ("regenerate", "function", "--set", "ttl=5m")


@pytest.fixture
def edited(folder):
    """A folder with a line changed that --set ttl=5m changes as well, and another one."""
    handler = folder / "handler.go"
    text = handler.read_text().replace("sessionTTL    =", "lifetime      =")
    handler.write_text(text.replace("// Handle is", "// Handle (mine) is"))
    return folder


def test_edits_of_other_lines_are_merged(kvgen, folder):
    handler = folder / "handler.go"
    handler.write_text(handler.read_text() + "\n// mine\n")
    handler.chmod(0o755)
    result = kvgen(*_ARGUMENTS)
    assert result.exit_code == 0
    assert "merge    function/handler.go\n" in result.stdout
    assert "sessionTTL    = 300 // 5 minutes" in handler.read_text()
    assert handler.read_text().endswith("\n// mine\n")
    assert handler.stat().st_mode & 0o777 == 0o755
    before = times(folder)
    assert "0 changed, 1 file left as you made them" in kvgen("regenerate").stdout
    assert times(folder) == before


def test_conflict_leaves_everything_as_it_was(kvgen, edited):
    before = times(edited), contents(edited)
    result = kvgen(*_ARGUMENTS)
    assert result.exit_code == 1
    assert (times(edited), contents(edited)) == before
    assert "\tlifetime      = 86400 // 24 hours\n" in result.stderr
    assert "\tsessionTTL    = 300 // 5 minutes\n" in result.stderr


def test_command_that_the_hint_names_solves_the_conflict(kvgen, edited):
    hint = kvgen(*_ARGUMENTS).stderr.rpartition("your editor: ")[2]
    name, *arguments = shlex.split(hint)
    assert name == "kvgen"
    assert kvgen(*arguments).exit_code == 0
    text = (edited / "handler.go").read_text()
    assert "lifetime      = 86400" in text
    assert "// Handle (mine) is" in text
    assert 'ttl = "5m"' in (edited / "kvgen.toml").read_text()
    assert "0 changed" in kvgen("regenerate").stdout


@pytest.mark.parametrize(
    ("side", "there", "not_there"),
    [
        ("mine", ["lifetime      ="], ["sessionTTL    =", "<<<<"]),
        ("theirs", ["sessionTTL    = 300"], ["lifetime      =", "<<<<"]),
        ("marks", ["lifetime ", "sessionTTL    = 300", "<<<<<<< yours", ">>>>>>> kvgen"], []),
    ],
)
def test_side_decides_where_they_clash(kvgen, edited, side, there, not_there):
    assert kvgen(*_ARGUMENTS, "--resolve", f"handler.go={side}").exit_code == 0
    text = (edited / "handler.go").read_text()
    assert all(word in text for word in ["// Handle (mine) is", *there])
    assert not any(word in text for word in not_there)


def test_file_that_is_no_text_is_kept_or_replaced_as_was_said(kvgen, folder):
    (folder / "handler.go").write_bytes(b"\x00\xff")
    result = kvgen(*_ARGUMENTS)
    assert (result.exit_code, "handler.go: it is no text any more" in result.stderr) == (1, True)
    assert kvgen(*_ARGUMENTS, "--resolve", "handler.go=mine").exit_code == 0
    assert (folder / "handler.go").read_bytes() == b"\x00\xff"
    arguments = ("regenerate", "function", "--set", "ttl=1h", "--resolve", "handler.go=theirs")
    assert "yours was replaced as a whole" in kvgen(*arguments).stdout
    assert "3600 // 1 hour" in (folder / "handler.go").read_text()


def test_conflict_as_json_has_both_sides(kvgen, edited):
    result = kvgen(*_ARGUMENTS, "--dry-run", "--json")
    (entry,) = json.loads(result.stdout)
    (row,) = [row for row in entry["files"] if row["action"] == "conflict"]
    assert row["path"] == "handler.go"
    assert row["reason"] == "you and kvgen changed the same lines"
    assert "<<<<<<< yours\n" in row["marked"]
    assert entry["error"].startswith("function is left as it was")
    assert "--resolve handler.go=mine" in entry["hint"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["function", "--resolve", "handler.go"],
        ["function", "--resolve", "handler.go=yours"],
        ["function", "--resolve", "handler.go=mien"],
        ["function", "--resolve", "=mine"],
        ["function", "--resolve", "hander.go=mine"],
        [".", "--resolve", "handler.go=mine"],
    ],
    ids=" ".join,
)
def test_resolution_that_makes_no_sense_is_refused(kvgen, folder, arguments, snapshot):
    assert kvgen("new", "flag", "other", "-l", "go").exit_code == 0
    before = contents(folder)
    result = kvgen("regenerate", *arguments)
    assert (result.exit_code, result.stderr) == (2, snapshot)
    assert contents(folder) == before


def test_file_that_is_a_link_is_not_followed(kvgen, folder, tmp_path):
    outside = tmp_path / "outside.go"
    (folder / "handler.go").rename(outside)
    (folder / "handler.go").symlink_to(outside)
    before = times(tmp_path)
    result = kvgen(*_ARGUMENTS)
    assert result.exit_code == 1
    assert "through a symbolic link" in result.stderr
    assert times(tmp_path) == before


def test_folder_that_is_a_link_itself_is_worked_on(kvgen, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert kvgen("regenerate", "link", "--set", "ttl=5m").exit_code == 0
    assert "300 // 5 minutes" in (folder / "handler.go").read_text()


def test_terminal_shows_the_sides_and_the_diff_in_colour(kvgen, edited, tmp_path):
    shown = _on_a_terminal(tmp_path, *_ARGUMENTS)
    assert "\x1b[32m    \tlifetime" in shown
    assert "\x1b[36m    \tsessionTTL    = 300" in shown
    shown = _on_a_terminal(tmp_path, *_ARGUMENTS, "--resolve", "handler.go=theirs", "--diff")
    assert "\x1b[32m+\tsessionTTL    = 300" in shown
    assert "\x1b[31m-\tlifetime" in shown


def _on_a_terminal(place, *arguments):
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "kvgen", *arguments]
    with subprocess.Popen(command, cwd=place, stdin=end, stdout=end, stderr=end):
        os.close(end)
        printed = b""
        while chunk := _read(terminal):
            printed += chunk
    os.close(terminal)
    return printed.decode()


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux reports the other side's end as an error.
        return b""
