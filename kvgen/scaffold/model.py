"""The nouns of scaffolding: what a pattern offers, what was answered, what came out. No I/O."""

from collections.abc import Mapping
from typing import NamedTuple

#: What a manifest says until there is a namespace. Not a UUID, so that it cannot be mistaken.
NAMESPACE_PLACEHOLDER = "REPLACE-WITH-NAMESPACE-ID"


class Language(NamedTuple):
    """A language that functions are written in; ``name`` is what files and folders say."""

    name: str
    title: str
    aliases: tuple[str, ...]
    needs: str


LANGUAGES = (
    Language("javascript", "JavaScript", ("js", "node"), "Node 18 or newer, no packages"),
    Language("python", "Python", ("py",), "Python 3.11 or newer, with aiohttp"),
    Language("go", "Go", ("golang",), "Go 1.24 or newer, standard library only"),
)


class Duration(NamedTuple):
    """A length of time: ``text`` as it was answered (``24h``), and the same in whole seconds."""

    text: str
    seconds: int


Value = str | Duration


class Option(NamedTuple):
    """One question of a pattern. ``default`` and the answers to it are text, as typed.

    ``kind`` names the rule in ``answers.KINDS``; ``choices`` are what the kind ``choice`` allows.
    """

    name: str
    kind: str
    default: str
    help: str
    choices: tuple[str, ...] = ()


class TemplateFile(NamedTuple):
    """``source`` below the templates' root, and ``target`` below the folder; both with ``/``."""

    source: str
    target: str


class Pattern(NamedTuple):
    """What ``templates/<name>/pattern.toml`` declares.

    ``files`` and ``handlers`` are by language name; a handler is the target of the file that
    a user came to edit. ``options`` are the pattern's own, then those that all patterns share.
    """

    name: str
    title: str
    summary: str
    binding: str
    kv_calls: str
    needs: str
    options: tuple[Option, ...]
    files: Mapping[str, tuple[TemplateFile, ...]]
    handlers: Mapping[str, str]


class Answers(NamedTuple):
    """Checked answers: ``values`` has one for each option of the pattern, by option name."""

    pattern: str
    language: str
    name: str
    values: Mapping[str, Value]


class RenderedFile(NamedTuple):
    """A file of the folder to be: its path with ``/``, and its text with ``\\n``."""

    path: str
    text: str
