"""What --help says of every command, and that nothing is missing from it or from the README."""

from pathlib import Path

import click
import pytest

from kvgen.cli import COMMANDS, MEANINGS, main

_ROOT = Path(__file__).parents[2]


def _commands(command, name, parents=()):
    """Yield the words of every command and group, with the command itself."""
    yield (*parents, name), command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            yield from _commands(found, below, (*parents, name))


_EVERY = dict(_commands(main, "kvgen"))


@pytest.mark.parametrize("words", _EVERY, ids=" ".join)
def test_help_is_as_it_was_last_looked_at(kvgen, snapshot, words):
    result = kvgen(*words[1:], "--help")
    assert result.exit_code == 0
    assert result.output == snapshot


@pytest.mark.parametrize("words", _EVERY, ids=" ".join)
def test_every_command_and_option_has_help(words):
    command = _EVERY[words]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("words", [w for w in _EVERY if len(w) == 2], ids=" ".join)
def test_every_command_is_in_the_readme(words):
    assert " ".join(words) in (_ROOT / "README.md").read_text(encoding="utf-8")


def test_bare_kvgen_shows_its_commands(kvgen):
    assert "Scaffold an edge function" in kvgen().output


@pytest.mark.parametrize("columns", [60, 40])
@pytest.mark.parametrize("words", _EVERY, ids=" ".join)
def test_help_breaks_no_word_on_a_narrow_terminal(kvgen, monkeypatch, words, columns):
    wide = kvgen(*words[1:], "--help").output
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = kvgen(*words[1:], "--help").output
    assert narrow.split() == wide.split()
    assert max(map(len, narrow.splitlines())) <= columns


_LED = {
    "kvgen new": ["create", "init", "scaffold", "generate", "make", "session", "cache", "flag"],
    "kvgen dev": ["run", "serve", "start", "watch", "preview"],
    "kvgen regenerate": ["update", "upgrade", "render", "sync", "resolve"],
    "telnyx-edge ship": ["deploy", "ship", "publish"],
    "kvgen remove": ["delete"],
    "kvgen --help": ["help"],
    "kvgen kv put": ["kv set", "kv write", "kv insert", "kv update"],
    "kvgen kv delete": ["kv rm", "kv remove", "kv clear"],
    "kvgen kv list": ["kv ls", "kv keys"],
    "kvgen kv serve": ["kv start", "kv run", "kv dev"],
    "kvgen kv sweep": ["kv expire"],
    "kvgen kv export": ["kv dump"],
    "kvgen kv import": ["kv load"],
}


@pytest.mark.parametrize(
    ("tried", "command"),
    [(words, command) for command, tries in _LED.items() for words in tries],
)
def test_word_that_people_try_leads_to_the_command(kvgen, tried, command):
    result = kvgen(*tried.split())
    assert (result.exit_code, f"no command {tried.split()[-1]!r}" in result.stderr) == (2, True)
    assert command in result.stderr


_GUESSED = {
    "nwe": "new",
    "lsit": "list",
    "regenrate": "regenerate",
    "doc": "docs",
    "regen": "regen",
}
_UNKNOWN = "lint compile documentation env rename build install config login status secrets logs"


@pytest.mark.parametrize(("tried", "command"), _GUESSED.items())
def test_slip_of_the_keys_is_told_from_another_word(kvgen, tried, command):
    assert f"Did you mean '{command}" in kvgen(tried).stderr


@pytest.mark.parametrize("tried", [*_UNKNOWN.split(), "kv get-all", "kv query"])
def test_word_that_leads_nowhere_is_no_wrong_guess(kvgen, tried):
    result = kvgen(*tried.split())
    assert result.exit_code == 2
    assert "Did you mean" not in result.stderr
    assert "Hint" not in result.stderr


def test_word_that_has_a_meaning_is_no_command():
    assert not MEANINGS.keys() & COMMANDS.keys()
