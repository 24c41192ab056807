"""Completion in a real bash, on a pseudo-terminal."""

import shlex
import subprocess
import sys

import pytest

from tests.dev.test_terminal import Terminal

_ALL_OF_THEM = "\x1b*"  # what readline calls insert-completions
_KVGEN = [sys.executable, "-m", "kvgen"]


class Bash(Terminal):
    """A bash on a pseudo-terminal that prints command lines rather than to run them."""

    def becomes(self, keys):
        """Type keys, and return the line that is then there: it becomes an argument."""
        self.type(f"{keys}\x01said '\x05'\n")
        self.read_until("]]\n")
        said = self.text.rpartition("[[")[2].removesuffix("]]\n")
        self.raw = b""
        return said


@pytest.fixture(scope="module")
def bash(tmp_path_factory):
    """Return a bash that has read the script, in a function's folder."""
    root = tmp_path_factory.mktemp("bash")
    made = [*_KVGEN, "new", "session", str(root / "function"), "-l", "go"]
    subprocess.run(made, check=True, capture_output=True)
    printed = subprocess.run([*_KVGEN, "completion", "bash"], check=True, capture_output=True)
    (root / "script").write_bytes(printed.stdout)
    (root / "bin").mkdir()
    command = root / "bin" / "kvgen"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(_KVGEN)} "$@"\n')
    command.chmod(0o755)
    terminal = Bash(
        root / "function",
        *("--norc", "--noprofile", "-i"),
        program=("bash",),
        INPUTRC="/dev/null",
        XDG_DATA_HOME=str(root / "data"),
        TERM="dumb",
        COLUMNS="400",
    )
    terminal.type("said() { printf '[[%s]]\\n' \"$1\"; }\n")
    terminal.type(f"PS1= PATH={root / 'bin'}:$PATH; . {root / 'script'}; echo rea''dy\n")
    terminal.read_until("ready\n")

    yield terminal
    terminal.type("exit\n")
    terminal.end()


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("kvgen rege", "kvgen regenerate "),
        ("kvgen new sess", "kvgen new session "),
        ("kvgen new session -l ja", "kvgen new session -l javascript "),
        ("kvgen new session --expiry=e", "kvgen new session --expiry=envelope "),
        ("kvgen show session -l go handler.", "kvgen show session -l go handler.go "),
        ("kvgen regenerate --set tt", "kvgen regenerate --set ttl="),
        ("kvgen regenerate --set expiry=na", "kvgen regenerate --set expiry=native "),
        ("kvgen regenerate --set=expiry=na", "kvgen regenerate --set=expiry=native "),
        ("kvgen regenerate --resolve session.", "kvgen regenerate --resolve session.go="),
        ("kvgen regenerate --resolve kv.go=th", "kvgen regenerate --resolve kv.go=theirs "),
        ("kvgen check func.t", "kvgen check func.toml "),
        ("kvgen kv get no", "kvgen kv get no"),
        ("kvgen nothing there", "kvgen nothing there"),
    ],
)
def test_tab_completes_the_word(bash, line, completed):
    assert bash.becomes(f"{line}\t") == completed


def test_all_that_fits_is_offered(bash):
    assert bash.becomes(f"kvgen completion {_ALL_OF_THEM}") == "kvgen completion bash zsh fish "
    line = "kvgen regenerate --resolve kv.go="
    assert bash.becomes(f"{line}{_ALL_OF_THEM}") == f"{line}mine theirs marks "


def test_words_are_cut_where_this_bash_cuts_them(bash):
    line = "kvgen regenerate --set expiry="
    bash.type("breaks=$COMP_WORDBREAKS; COMP_WORDBREAKS=${breaks//=}\n")
    assert bash.becomes(f"{line}na\t") == f"{line}native "
    bash.type("COMP_WORDBREAKS=$breaks\n")
    assert bash.becomes(f"{line}na\t") == f"{line}native "
