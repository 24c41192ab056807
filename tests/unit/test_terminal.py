"""The one door to the terminal: what is printed, and what happens if a stream is closed."""

import os
import subprocess
import sys
import tempfile

import pytest

from kvgen.cli.terminal import block, echo, printable, styled, tell

_HOSTILE = {
    "\x1b]0;owned\x07\x0aforged": "\\x1b]0;owned\\x07\\nforged",
    "\x00\x08\r\t\x7f": "\\x00\\x08\\r\\t\\x7f",
    "\x85\x9b31m": "\\x85\\x9b31m",
    "a\u202eb\u2066c\u200f": "a\\u202eb\\u2066c\\u200f",
    "a\u2028b\u2029": "a\\u2028b\\u2029",
    os.fsdecode(b"a\x9bb\xff"): "a\\x9bb\\xff",
    "\ud800": "\\ud800",
    "ü…☃ 👩‍💻 \\": "ü…☃ 👩‍💻 \\",
}


@pytest.mark.parametrize(("text", "shown"), _HOSTILE.items(), ids=repr)
def test_what_a_terminal_would_obey_is_shown_escaped(text, shown):
    assert printable(text) == shown


def test_every_control_character_is_escaped():
    for number in (*range(0x20), *range(0x7F, 0xA0)):
        assert printable(chr(number)).startswith("\\")


def test_line_is_one_line_and_its_colours_are_its_own(capsys, monkeypatch):
    echo("a\nb", styled("\x1b[31mc", fg="green"))
    tell("to stderr\r", err=True)
    block("two\n\tlines\x1b", nl=False)
    said = capsys.readouterr()
    assert said.out == "a\\nb\\x1b[31mc\ntwo\n\tlines\\x1b"
    assert said.err == "to stderr\\r\n"


_PROGRAM = """
import sys
from kvgen.cli import terminal
terminal.prepare()
try:
    terminal.{call}
except OSError as error:
    print(type(error).__name__, file=sys.stderr)
    sys.exit(1)
"""


# A stream that takes nothing: on Linux a device, elsewhere a file that may not grow.
_FULL, _REASON = ">/dev/full", "No space left on device"
_LIMITS: dict[str, str] = {}
if not os.path.exists("/dev/full"):
    _FULL, _REASON = f">{tempfile.mkdtemp()}/full", "File too large"
    _LIMITS = {_FULL: "ulimit -f 0; "}


def _run(call, redirect, **environment):
    command = f'{_LIMITS.get(redirect, "")}exec "$0" -c "$1" {redirect}'
    program = _PROGRAM.format(call=call)
    return subprocess.run(
        ["sh", "-c", command, sys.executable, program],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("redirect", [">&-", "<&- >&-", "2>&-", _FULL])
def test_server_goes_on_without_its_terminal(redirect):
    done = _run("tell('☃')", redirect)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("call", ["echo('x', err=True)", "block('x', err=True)"])
def test_words_beside_the_output_that_are_lost_end_nothing(call):
    done = _run(call, "2>/dev/full")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("call", ["echo('x')", "block('x')", "write_bytes(b'x')"])
def test_command_whose_output_is_lost_says_so(call):
    done = _run(call, _FULL)
    assert (done.returncode, done.stderr) == (1, "OSError\n")


@pytest.mark.parametrize("redirect", [">&-", "| true"])
def test_output_that_nobody_takes_is_no_traceback(redirect):
    done = _run("write_bytes(b'x' * 1_000_000)", redirect)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_encoding_without_a_character_shows_it_escaped(encoding):
    done = _run("echo('ok ☃')", "", PYTHONIOENCODING=encoding)
    assert done.stdout == "ok \\u2603\n"


def _kvgen(arguments, redirect, folder, **environment):
    command = f'{_LIMITS.get(redirect, "")}exec "$0" -m kvgen {arguments} {redirect}'
    return subprocess.run(
        ["sh", "-c", command, sys.executable],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_diff_with_characters_that_an_encoding_lacks_is_shown(kvgen, tmp_path):
    assert kvgen("new", "session", "s", "-l", "js").exit_code == 0
    handler = tmp_path / "s" / "handler.js"
    text = handler.read_text(encoding="utf-8")
    handler.write_text(text.replace('"X-Session-ID"', '"X-…-☃"'), encoding="utf-8")
    line = "regenerate s --set header=X-Visit --resolve handler.js=theirs --dry-run"
    done = _kvgen(line, "", tmp_path, PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert '-const SESSION_HEADER = "X-\\u2026-\\u2603"' in done.stdout


_STATUS = {
    "--help": 0,
    "-V": 0,
    "list": 0,
    "show flag -l go": 0,
    "new": 2,
    "regenerate .": 1,
    "kv export --data kv.db": 0,
    "kv put a --data kv.db": 0,
}


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_command_ends_the_same_without_its_streams(tmp_path, closed):
    found = {line: _kvgen(line, closed, tmp_path) for line in _STATUS}
    assert {line: done.returncode for line, done in found.items()} == _STATUS
    assert not [done for done in found.values() if "Traceback" in done.stderr]


@pytest.mark.parametrize("arguments", ["--help", "-V", "list", "kv --help", "docs"])
def test_full_disk_below_stdout_is_an_error_in_one_line(tmp_path, arguments):
    done = _kvgen(arguments, _FULL, tmp_path)
    assert (done.returncode, done.stderr) == (1, f"Error: {_REASON}\n")


def test_descriptors_that_were_closed_are_not_given_to_what_is_opened_next():
    program = (
        "import os; from kvgen.cli import terminal; terminal.prepare();"
        "print(os.open('/dev/null', os.O_RDONLY), file=open(os.environ['OUT'], 'w'))"
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, program],
        env={**os.environ, "OUT": "/dev/null"},
        check=False,
    )
    assert done.returncode == 0
