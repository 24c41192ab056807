"""No file, content or name in a folder can control the terminal or forge a line there."""

import json
import re

import pytest

from tests.dev.test_terminal import Terminal
from tests.strangers.conftest import run

_OWNED = "\x1b]0;owned\x07\x9b31m"
_HOSTILE = "\x1b]0;owned\x07\nforged\x9b31m\u202e"
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]|^forged", re.MULTILINE)


def _said(*arguments, cwd):
    done = run(*arguments, cwd=cwd)
    return done.stdout + done.stderr


@pytest.fixture
def hostile(folder):
    """The folder under a name that a terminal would obey, with a page in it."""
    (folder / "page.md").write_text("<!-- kvgen: session go handler -->\n<!-- kvgen: end -->\n")
    return folder.rename(folder.with_name(_HOSTILE))


_COMMANDS = [
    *(("regenerate", "-v"), ("regenerate", "--set", "ttl=5m"), ("check",), ("add", "flag")),
    *(("remove", "flag"), ("dev",), ("new", "session", "-l", "js", "--name", "s", "--force")),
    ("new", "session", "-l", "js", "--name", "s"),
]


@pytest.mark.parametrize("command", _COMMANDS, ids=" ".join)
@pytest.mark.parametrize("project", ["", 'language = "\\u001b"\n', None], ids=repr)
def test_name_of_a_folder_is_shown_escaped(hostile, command, project):
    if project is None:
        (hostile / "kvgen.toml").unlink()
    elif project:
        (hostile / "kvgen.toml").write_text(project)
    elif command[0] == "dev":
        (hostile / "kvgen.lock").write_text("")
        (hostile / "kvgen.toml").write_text("")  # which ends it
    said = _said(*command, hostile.name, cwd=hostile.parent)
    assert r"\x1b]0;owned\x07\nforged\x9b31m\u202e" in said
    assert not _STEERING.search(said), said


@pytest.mark.parametrize("page", ["page.md", "none.md", "page.md/x"])
@pytest.mark.parametrize("options", [(), ("--check", "--diff")], ids=str)
def test_name_of_a_page_is_shown_escaped(hostile, page, options):
    said = _said("docs", f"{hostile.name}/{page}", *options, cwd=hostile.parent)
    assert r"\x1b]0;owned\x07\nforged\x9b31m" in said
    assert not _STEERING.search(said), said


def test_name_of_a_new_folder_is_shown_escaped(tmp_path):
    said = _said("new", "session", _HOSTILE, "-l", "go", "--name", "f", cwd=tmp_path)
    assert r"Created \x1b]0;owned" in said
    assert not _STEERING.search(said), said


def test_name_of_a_folder_that_lies_too_deep_is_shown_escaped(folder):
    folder.joinpath(*["deep"] * 99, _HOSTILE, "deeper").mkdir(parents=True)
    said = _said("regenerate", ".", cwd=folder) + _said("check", ".", cwd=folder)
    assert said.count(r"\x1b]0;owned\x07\nforged\x9b31m") == 2
    assert not _STEERING.search(said), said


def test_path_in_a_lock_is_shown_escaped(folder):
    lock = folder / "kvgen.lock"
    table = json.loads(lock.read_text())
    table["files"][_HOSTILE] = table["files"]["kv.js"]
    lock.write_text(json.dumps(table))
    for command in _COMMANDS[:4]:
        said = _said(*command, ".", cwd=folder)
        assert r"\x1b]0;owned\x07\nforged\x9b31m" in said
        assert not _STEERING.search(said), said


def _clashing(folder):
    handler = folder / "handler.js"
    text = handler.read_text().replace('"X-Session-ID"', f'"{_OWNED}"')
    handler.write_text(text)


def test_lines_of_a_conflict_are_shown_escaped(folder):
    _clashing(folder)
    said = _said("regenerate", ".", "--set", "header=X-Visit", cwd=folder)
    assert r'    const SESSION_HEADER = "\x1b]0;owned\x07\x9b31m"' in said
    assert not _STEERING.search(said), said


def test_diff_is_shown_escaped_on_a_terminal_and_is_exact_in_a_pipe(folder):
    _clashing(folder)
    command = ("regenerate", ".", "--set", "header=X-Visit", "--resolve", "handler.js=theirs")
    terminal = Terminal(folder, *command, "--dry-run", NO_COLOR="1")
    assert terminal.end() == 0
    assert r'-const SESSION_HEADER = "\x1b]0;owned\x07\x9b31m"' in terminal.text
    assert not _STEERING.search(terminal.raw.decode().replace("\r\n", "\n"))
    said = _said(*command, "--dry-run", cwd=folder)
    assert f'-const SESSION_HEADER = "{_OWNED}"' in said


@pytest.mark.parametrize("name", [f".env.{_HOSTILE}", f"{_HOSTILE}.js", _HOSTILE])
def test_what_check_says_of_a_file_is_shown_escaped(folder, name):
    (folder / name).write_text(f"KEY{'a1' * 27}b\n")
    said = _said("check", ".", cwd=folder)
    assert r"\x1b]0;owned\x07\nforged\x9b31m" in said
    if name.startswith(".env"):
        assert r"fix: add .env.\x1b]0;owned\x07\nforged\x9b31m\u202e to .gitignore" in said
    assert not _STEERING.search(said), said


@pytest.mark.parametrize(
    "command", [("kv", "import", "{}"), ("kv", "put", "a", "-f", "{}"), ("kv", "list", "--data")]
)
def test_file_that_is_named_by_a_glob_is_shown_escaped(tmp_path, command):
    place = tmp_path / _HOSTILE
    place.mkdir()
    words = [word.format(_HOSTILE) for word in command]
    words += [_HOSTILE] if "--data" in words else ["--data", "kv.db"]
    said = _said(*words, cwd=tmp_path)
    assert r"\x1b]0;owned\x07\nforged\x9b31m" in said
    assert not _STEERING.search(said), said


@pytest.mark.parametrize("command", ["get", "export"])
def test_value_is_shown_escaped_on_a_terminal_and_is_exact_in_a_pipe(tmp_path, command):
    place = ("--data", "kv.db")
    assert run("kv", "put", "a", f"{_OWNED}\u202e", *place, cwd=tmp_path).returncode == 0
    key = ("a",) if command == "get" else ()
    terminal = Terminal(tmp_path, "kv", command, *key, *place)
    assert terminal.end() == 0
    assert r"\x9b31m\u202e" in terminal.text
    assert not re.search("\x1b]|[\x07\x9b\u202e]", terminal.raw.decode())
    assert "\x9b31m\u202e" in run("kv", command, *key, *place, cwd=tmp_path).stdout
