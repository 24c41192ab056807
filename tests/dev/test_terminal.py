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

import pytest


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, folder, *arguments):
        self._master, slave = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kvgen", *arguments],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environment, "TERM": "xterm-256color", "COLUMNS": "100"},
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
    terminal.read_until("Pattern (1-3 or a name):")
    terminal.type("3\n")
    terminal.read_until("Language (1-4 or a name):")
    terminal.type("Go\n")
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
        "Pattern (1-3 or a name):": {"sesion": "did you mean 'session'?", "flag": ""},
        "Language (1-4 or a name):": {"pyton": "did you mean 'python'?", "py": ""},
        "Folder [flag-python]:": {
            "a b": "letters, digits and dashes",
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
