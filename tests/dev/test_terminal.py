"""What is asked on a terminal, and what is in colour there: on a real pseudo-terminal."""

import contextlib
import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
import tomllib

import httpx
import pytest

_KVGEN = (sys.executable, "-m", "kvgen")


class Terminal:
    """A command of kvgen, or another program, on a pseudo-terminal."""

    def __init__(self, folder, *arguments, program=_KVGEN, **environment):
        self._master, slave = pty.openpty()
        inherited = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI")}
        self.process = subprocess.Popen(
            [*program, *arguments],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=inherited | {"TERM": "xterm-256color", "COLUMNS": "100"} | environment,
            start_new_session=True,
            # Its controlling terminal: without one a Ctrl-C is just a character.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # one thread
        )
        os.close(slave)
        self.raw = b""

    @property
    def text(self):
        plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", self.raw)
        return plain.decode("utf-8", "replace").replace("\r\n", "\n")

    def read_until(self, text):
        """Read until a text has come, or the end."""
        deadline = time.monotonic() + 20
        while text is None or text not in self.text:
            ready, _, _ = select.select([self._master], [], [], deadline - time.monotonic())
            assert ready, f"{text!r} did not come:\n{self.text}"
            try:
                chunk = os.read(self._master, 65_536)
            except OSError:
                break  # Linux says so where the other end is closed.
            if not chunk:
                break
            self.raw += chunk
        assert text is None or text in self.text, self.text

    def type(self, keys):
        os.write(self._master, keys.encode())

    def interrupt(self):
        """Press Ctrl-C until it ends, and return its exit code.

        One that comes right before Python begins to wait for a line is seen after that line.
        """
        while self.process.poll() is None:
            self.type("\x03")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
        return self.end()

    def end(self):
        self.read_until(None)
        os.close(self._master)
        return self.process.wait(20)


def test_new_asks_for_all_that_is_missing(tmp_path, snapshot):
    terminal = Terminal(tmp_path, "new")
    terminal.read_until("Pattern (1-4 or a name):")
    terminal.type("3\n")
    terminal.read_until("Language (1-4 or a name):")
    terminal.type("Go\n")
    for question in ("ttl [24h]:", "header [X-Session-ID]:", "cookie (Enter for none):"):
        terminal.read_until(question)
        terminal.type("\n")
    terminal.read_until("Folder [session-go]:")
    terminal.type("\n")
    assert terminal.end() == 0
    assert (tmp_path / "session-go" / "handler.go").exists()
    # How long a template is, and how many there are, is its own business.
    assert re.sub(r"\d+(?= files| lines)", "N", terminal.text) == snapshot


def test_new_asks_again_where_an_answer_is_none(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    terminal = Terminal(tmp_path, "new")
    for question, answers in {
        "Pattern (1-4 or a name):": {"sesion": "did you mean 'session'?", "flag": ""},
        "Language (1-4 or a name):": {"pyton": "did you mean 'python'?", "py": ""},
        "flag [new-ui]:": {"a flag": "a flag's name has 1 to 40", "": ""},
        "default (off|on) [off]:": {"onn": "did you mean 'on'?", "on": ""},
        "refresh [0]:": {"": ""},
        "Folder [flag-python]:": {
            "a b": "A-Z, a-z, 0-9 and -",
            "full": "full is not empty",
            "there": "",
        },
    }.items():
        terminal.read_until(question)
        for answer, complaint in answers.items():
            terminal.type(f"{answer}\n")
            terminal.read_until(complaint)
    assert terminal.end() == 0
    assert (tmp_path / "there" / "function" / "flag.py").exists()
    assert 'default = "on"' in (tmp_path / "there" / "kvgen.toml").read_text()


_TTL, _HEADER, _COOKIE = "ttl [24h]:", "header [X-Session-ID]:", "cookie (Enter for none):"
_LANGUAGE, _FOLDER = "Language (1-4 or a name):", "Folder [session-go]:"
_USUAL = {"ttl": "24h", "header": "X-Session-ID"}


@pytest.mark.parametrize(
    ("line", "questions", "session"),
    [
        (
            "-l go",
            {_TTL: "1h", _HEADER: "", _COOKIE: "sid", _FOLDER: "x"},
            {"ttl": "1h", "cookie": "sid"},
        ),
        ("x", {_LANGUAGE: "go", _TTL: "", _HEADER: "X-Id"}, {"ttl": "24h", "header": "X-Id"}),
        (
            "-l go --ttl 1h",
            {_HEADER: "X-Id", _FOLDER: "x"},
            {"ttl": "1h", "header": "X-Id"},
        ),
        ("-l go --cookie sid", {_TTL: "", _FOLDER: "x"}, {"ttl": "24h", "cookie": "sid"}),
        ("-l go --header X-Id", {_TTL: "", _FOLDER: "x"}, {"ttl": "24h", "header": "X-Id"}),
        ("-l go --json", {_FOLDER: "x"}, _USUAL),
        ("x -l go", {}, _USUAL),
        ("--name x -l go", {}, _USUAL),
    ],
)
def test_new_asks_for_no_option_that_was_given_or_replaced(tmp_path, line, questions, session):
    terminal = Terminal(tmp_path, "new", "session", *line.split())
    for question, answer in questions.items():
        terminal.read_until(question)
        terminal.type(f"{answer}\n")
    assert terminal.end() == 0
    asked = re.findall(r"^\S.*[\])]:(?= )", terminal.text, re.MULTILINE)
    assert asked == list(questions)
    made = tomllib.loads((tmp_path / "x" / "kvgen.toml").read_text())
    assert made["patterns"]["session"] == session


@pytest.mark.parametrize("arguments", [("new",), ("new", "session"), ("new", "flag", "-l", "go")])
def test_ctrl_c_at_a_question_writes_nothing_and_says_so(tmp_path, arguments):
    terminal = Terminal(tmp_path, *arguments)
    terminal.read_until(": ")
    assert terminal.interrupt() == 130
    assert terminal.text.endswith("\nStopped: nothing was written.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [("show", "session", "-l", "go"), ("list",), ("new", "flag", "x", "-l", "go")]
)
def test_output_is_in_colour_on_a_terminal_and_plain_elsewhere(tmp_path, arguments):
    terminal = Terminal(tmp_path, *arguments)
    assert terminal.end() == 0
    assert b"\x1b[" in terminal.raw
    plain = subprocess.run(
        [sys.executable, "-m", "kvgen", *arguments, *(["--force"] if "new" in arguments else [])],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert b"\x1b[" not in plain.stdout


_PRINTS_IN_COLOUR = pytest.mark.parametrize(
    "arguments",
    [("show", "session", "-l", "go"), ("list",), ("new", "flag", "x", "-l", "go", "--force")],
)


@_PRINTS_IN_COLOUR
@pytest.mark.parametrize("variable", ["NO_COLOR=1", "TERM=dumb"])
def test_colours_are_left_out_where_the_environment_says_so(tmp_path, arguments, variable):
    terminal = Terminal(tmp_path, *arguments, **dict([variable.split("=")]))
    terminal.end()
    assert terminal.text
    assert b"\x1b[" not in terminal.raw


@_PRINTS_IN_COLOUR
def test_colours_go_to_a_pipe_where_the_environment_says_so(tmp_path, arguments):
    def printed(**variables):
        done = subprocess.run(
            [sys.executable, "-m", "kvgen", *arguments],
            cwd=tmp_path,
            env=os.environ | variables,
            capture_output=True,
            check=False,
        )
        return done.stdout + done.stderr

    assert b"\x1b[" in printed(FORCE_COLOR="1")
    assert b"\x1b[" not in printed(FORCE_COLOR="0")
    assert b"\x1b[" not in printed(FORCE_COLOR="1", NO_COLOR="1")


@pytest.mark.parametrize("columns", [60, 40])
@pytest.mark.parametrize(
    "line",
    [
        "list",
        "list --compare",
        "check there",
        "new flag x -l rust",
        "new session x -l go --hedr X-Id",
        "deploy",
        "--versio",
        "kv set",
        "kv get a-key-that-is-not-there",
        "show flag -l go nothing.go",
        "add session there --ttl 0",
        "regenerate there --set nothing=1",
        "regenerate there --check --set flag=other",
    ],
)
def test_narrow_terminal_breaks_no_word(tmp_path, line, columns):
    arguments = line.split()
    command = [sys.executable, "-m", "kvgen"]
    made = [*command, "new", "flag", "there", "-l", "go"]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    terminal = Terminal(tmp_path, *arguments, COLUMNS=str(columns))
    terminal.end()
    whole = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, check=False)
    printed = (whole.stdout + whole.stderr).decode()
    assert {*terminal.text.split()} == {*printed.split()}
    assert max(map(len, terminal.text.splitlines())) <= columns


@pytest.mark.parametrize("variable", ["COLUMNS=40", "NO_COLOR=1", "TERM=dumb"])
def test_dev_keeps_to_the_terminal_while_it_runs(tmp_path, variable):
    made = [*_KVGEN, "new", "session", "f", "-l", "javascript"]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    terminal = Terminal(tmp_path / "f", "dev", "--port", "0", **dict([variable.split("=")]))
    terminal.read_until("Ctrl-C")
    (url,) = re.findall(r"Ready on (\S+?),?\s", terminal.text)
    httpx.post(url, trust_env=False).raise_for_status()
    terminal.read_until("POST / ")
    assert terminal.interrupt() == 130
    if variable == "COLUMNS=40":
        assert b"\x1b[" in terminal.raw
        # An address is not broken: it would no longer be one.
        lines = [line for line in terminal.text.splitlines() if "/#token=" not in line]
        assert max(map(len, lines)) <= 40
    else:
        assert b"\x1b[" not in terminal.raw


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_bar_is_drawn_where_the_cursor_can_be_moved(tmp_path, term):
    for number in range(20):
        made = [*_KVGEN, "new", "flag", f"f{number}", "-l", "go"]
        subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    terminal = Terminal(tmp_path, "regenerate", "--check", TERM=term)
    assert terminal.end() == 0
    assert (b"\r\x1b" in terminal.raw, "Regenerating" in terminal.text) == (term == "xterm",) * 2
