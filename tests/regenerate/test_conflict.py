"""Edits that meet kvgen's: merged where they can be, shown where they clash, never lost."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys

import pytest

from tests.regenerate.conftest import contents, lifetime_line, times

_ARGUMENTS = ("regenerate", "function", "--set", "ttl=5m")
_OLD, _NEW = lifetime_line("24h"), lifetime_line("5m")
_MINE = "\tlifetime = 12_345"
_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def edited(folder):
    """A folder with a line changed that --set ttl=5m changes as well, and another one."""
    handler = folder / "handler.go"
    handler.write_text(f"// Mine.\n{handler.read_text().replace(_OLD, _MINE)}")
    return folder


@pytest.mark.parametrize("side", [None, "mine", "theirs"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_variable_below_one_that_kvgen_fills_in_is_there_afterwards(kvgen, folder, mark, side):
    manifest = folder / "func.toml"
    line = next(t for t in manifest.read_text().splitlines() if t.startswith("KV_NAMESPACE_ID"))
    manifest.write_text(mark + manifest.read_text().replace(line, f'{line}\nMY_VAR = "x"'))
    resolve = ("--resolve", f"func.toml={side}") if side else ()
    assert kvgen("regenerate", "--set", f"namespace-id={_UUID}", *resolve).exit_code == 0
    assert f'KV_NAMESPACE_ID = "{_UUID}"\nMY_VAR = "x"\n' in manifest.read_text()


def test_edits_of_other_lines_are_merged(kvgen, folder):
    handler = folder / "handler.go"
    handler.write_text(handler.read_text() + "\n// mine\n")
    handler.chmod(0o755)
    result = kvgen(*_ARGUMENTS)
    assert result.exit_code == 0
    assert "merge    function/handler.go\n" in result.stdout
    assert _NEW in handler.read_text()
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
    assert f"    {_MINE}\n" in result.stderr
    assert f"    {_NEW}\n" in result.stderr


def test_command_that_the_hint_names_solves_the_conflict(kvgen, edited):
    hint = kvgen(*_ARGUMENTS).stderr.rpartition("your editor: ")[2]
    name, *arguments = shlex.split(hint)
    assert name == "kvgen"
    assert kvgen(*arguments).exit_code == 0
    text = (edited / "handler.go").read_text()
    assert _MINE in text
    assert text.startswith("// Mine.\n")
    assert 'ttl = "5m"' in (edited / "kvgen.toml").read_text()
    assert "0 changed" in kvgen("regenerate").stdout


@pytest.mark.parametrize(
    ("side", "there", "not_there"),
    [
        ("mine", [_MINE], [_NEW, "<<<<"]),
        ("theirs", [_NEW], [_MINE, "<<<<"]),
        ("marks", [_MINE, _NEW, "<<<<<<< yours", ">>>>>>> kvgen"], []),
    ],
)
def test_side_decides_where_they_clash(kvgen, edited, side, there, not_there):
    assert kvgen(*_ARGUMENTS, "--resolve", f"handler.go={side}").exit_code == 0
    text = (edited / "handler.go").read_text()
    assert all(word in text for word in ["// Mine.\n", *there])
    assert not any(word in text for word in not_there)


def test_file_that_is_no_text_is_kept_or_replaced_as_was_said(kvgen, folder):
    (folder / "handler.go").write_bytes(b"\x00\xff")
    result = kvgen(*_ARGUMENTS)
    assert (result.exit_code, "handler.go: it is no longer text" in result.stderr) == (1, True)
    assert kvgen(*_ARGUMENTS, "--resolve", "handler.go=mine").exit_code == 0
    assert (folder / "handler.go").read_bytes() == b"\x00\xff"
    arguments = ("regenerate", "function", "--set", "ttl=1h", "--resolve", "handler.go=theirs")
    assert "your version was replaced" in kvgen(*arguments).stdout
    assert lifetime_line("1h") in (folder / "handler.go").read_text()


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
    said = re.sub(r"(?<=the files are ).*", "…", result.stderr)
    assert (result.exit_code, said) == (2, snapshot)
    assert contents(folder) == before


def test_manifest_conflict_is_of_keys_and_is_solved_by_key(kvgen, folder):
    func = folder / "func.toml"
    text = func.read_text().replace("REPLACE-WITH-NAMESPACE-ID", "of-mine")
    func.write_text(text.replace("[env_vars]\n", '[env_vars]\nMY_VAR = "x"\n'))
    arguments = ("regenerate", "function", "--set", f"namespace-id={_UUID}")
    before = contents(folder)
    result = kvgen(*arguments)
    assert result.exit_code == 1
    assert "func.toml: you and kvgen changed the same keys: env_vars.KV_NAMESPACE_ID" in (
        result.stderr
    )
    assert contents(folder) == before
    assert kvgen(*arguments, "--resolve", "func.toml=theirs").exit_code == 0
    assert f'MY_VAR = "x"\nKV_NAMESPACE_ID = "{_UUID}"\n' in func.read_text()
    assert _UUID in (folder / ".env.example").read_text()


def test_manifest_with_a_line_below_a_value_that_changes_is_merged(kvgen, folder):
    for name, line in (("func.toml", 'MY_VAR = "x"'), (".env.example", "MY_VAR=x")):
        text = (folder / name).read_text()
        placeholder = text.partition("REPLACE-WITH")[2].partition("\n")[0]
        (folder / name).write_text(text.replace(placeholder, f"{placeholder}\n{line}"))
    result = kvgen("regenerate", "function", "--set", f"namespace-id={_UUID}")
    assert result.exit_code == 0
    assert f'KV_NAMESPACE_ID = "{_UUID}"\nMY_VAR = "x"\n' in (folder / "func.toml").read_text()
    assert f"KV_NAMESPACE_ID={_UUID}\nMY_VAR=x\n" in (folder / ".env.example").read_text()


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
    assert _NEW in (folder / "handler.go").read_text()


def test_terminal_shows_the_sides_and_the_diff_in_colour(kvgen, edited, tmp_path):
    shown = _on_a_terminal(tmp_path, *_ARGUMENTS)
    assert f"\x1b[32m    {_MINE}" in shown
    assert f"\x1b[36m    {_NEW}" in shown
    shown = _on_a_terminal(tmp_path, *_ARGUMENTS, "--resolve", "handler.go=theirs", "--diff")
    assert f"\x1b[32m+{_NEW}" in shown
    assert f"\x1b[31m-{_MINE}" in shown


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
