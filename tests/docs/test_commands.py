"""Every command line in a document is one that kvgen takes: its words and its options exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from kvgen.cli import main

_ROOT = Path(__file__).parents[2]
_DOCUMENTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md"]
_DOCUMENTS += [str(p.relative_to(_ROOT)) for p in sorted(_ROOT.glob("generated/*/*/README.md"))]


def _command_lines(text):
    """Yield what is typed: lines of a shell's blocks, and code spans that begin with kvgen."""
    for shell, block in re.findall(r"^```(console|sh)\n(.*?)^```$", text, re.M | re.S):
        prompt = r"\$ " if shell == "console" else ""  # in a console, the rest is what it printed
        yield from re.findall(rf"^{prompt}(kvgen .*)$", block, re.M)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    yield from (" ".join(span.split()) for span in re.findall(r"`(kvgen [^`]+)`", prose))


_EVERY = sorted(
    {
        (document, line)
        for document in _DOCUMENTS
        for line in _command_lines((_ROOT / document).read_text(encoding="utf-8"))
    }
)


def _complaint(line):
    """Return what is wrong with a command line, or nothing; ``a|b`` stands for each of them."""
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = main
    context = click.Context(main, info_name="kvgen")
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        every = command.list_commands(context)
        names = every if words[0].startswith("<") else words[0].split("|")
        if missing := [name for name in names if name not in every]:
            return f"there is no command {missing[0]}"
        found = command.get_command(context, names[0])
        assert found
        command, context, words = found, click.Context(found, parent=context), words[1:]
    known = {"-h", "--help"}.union(
        *((*parameter.opts, *parameter.secondary_opts) for parameter in command.params)
    )
    given = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    unknown = [name for name in given if name not in known]
    return f"there is not an option {unknown[0]}" if unknown else ""


@pytest.mark.parametrize(("document", "line"), _EVERY)
def test_command_in_a_document_exists(document, line):
    assert not _complaint(line), document


def test_documents_have_command_lines_and_wrong_ones_are_noticed():
    assert len([line for document, line in _EVERY if document == "README.md"]) > 10
    assert _complaint("kvgen nwe session")
    assert _complaint("kvgen kv gte key")
    assert _complaint("kvgen new session|flagg a")
    assert _complaint("kvgen regenerate --chek")
    assert not _complaint("kvgen new session my-sessions -l python --ttl 30m  # --comment")
