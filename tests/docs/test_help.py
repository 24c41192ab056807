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


@pytest.mark.parametrize(
    ("word", "command"),
    [
        *((word, "kvgen new") for word in ("create", "init")),
        *((word, "kvgen dev") for word in ("run", "serve", "start")),
        *((word, "kvgen regenerate") for word in ("update", "upgrade")),
        ("deploy", "telnyx-edge ship"),
    ],
)
def test_word_that_people_try_leads_to_the_command(kvgen, word, command):
    result = kvgen(word)
    assert (result.exit_code, f"no command {word!r}" in result.stderr) == (2, True)
    assert command in result.stderr


def test_word_that_has_a_meaning_is_no_command():
    assert not MEANINGS.keys() & COMMANDS.keys()
