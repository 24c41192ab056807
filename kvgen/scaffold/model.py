"""The nouns of scaffolding: patterns, options, answers and rendered files. No I/O."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kvgen.scaffold.roots import OWN, OWN_ROOT, Templates

#: The placeholder for a namespace's id. It is not a UUID, so it cannot be mistaken for one.
NAMESPACE_PLACEHOLDER = "REPLACE-WITH-NAMESPACE-ID"


class Duration(NamedTuple):
    """A length of time: ``text`` as it was answered (``24h``), and the same in whole seconds."""

    text: str
    seconds: int


Value = str | Duration


class Option(NamedTuple):
    """One question. ``default`` and the answers to it are text, as typed.

    ``kind`` names the rule in ``kinds.KINDS``; ``choices`` are what the kind ``choice`` allows.
    ``instead_of`` names the option that this one replaces: only one of the two can be given.
    """

    name: str
    kind: str
    default: str
    help: str
    choices: tuple[str, ...] = ()
    instead_of: str = ""


class Variable(NamedTuple):
    """An environment variable that a pattern needs: the option that has its value, by name.

    ``stand_in`` is the kind of what `kvgen dev` puts in its place while it has the option's
    default, "" if nothing can stand in.
    """

    name: str
    option: str
    placeholder: str
    stand_in: str


class FirstRequest(NamedTuple):
    """What to try first on a running function; URL in ``text`` stands for where it listens."""

    text: str
    when: str = ""
    unless: str = ""


class TemplateFile(NamedTuple):
    """``source`` below the templates' root, and ``target`` below the folder; both with ``/``.

    With ``when`` the file is only made where that option has a value, with ``unless`` where not.
    One that is ``raw`` is copied byte by byte.
    """

    source: str
    target: str
    when: str = ""
    unless: str = ""
    raw: bool = False


class Written(NamedTuple):
    """A pattern in one language.

    ``parts`` are what every function with this pattern has: its mechanics and their tests.
    ``function`` is what only a function has that was begun with it: the handler and its tests.
    ``section`` is the source of its part of the README. ``use`` are the lines to paste into a
    handler of kvgen's making, ``foreign_use`` those for another: of several files the first that
    the answers ask for. ``dependencies`` are packages in the language's own notation.
    """

    parts: tuple[TemplateFile, ...]
    function: tuple[TemplateFile, ...]
    section: str
    use: tuple[TemplateFile, ...]
    foreign_use: tuple[TemplateFile, ...]
    dependencies: tuple[str, ...]


class Pattern(NamedTuple):
    """What ``<name>/pattern.toml`` below a root declares; ``languages`` is by a language's name."""

    name: str
    title: str
    summary: str
    kv_calls: str
    needs: str
    options: tuple[Option, ...]
    variables: tuple[Variable, ...]
    first_requests: tuple[FirstRequest, ...]
    languages: Mapping[str, Written]
    root: Path = OWN_ROOT


class Answers(NamedTuple):
    """Checked answers for a function: what its folder is made from.

    ``handler`` is the pattern that its handler was written for, None in a function that kvgen did
    not make. ``common`` has a value for each option that all patterns share, ``patterns`` one for
    each option of each pattern of the function, both by name; patterns are sorted. ``templates``
    is where the patterns are found.
    """

    language: str
    name: str
    handler: str | None
    common: Mapping[str, Value]
    patterns: Mapping[str, Mapping[str, Value]]
    templates: Templates = OWN


def is_wanted(thing: FirstRequest | TemplateFile, values: Mapping[str, Value]) -> bool:
    """Whether the answers ask for a thing that depends on an option."""
    if thing.when and not values[thing.when]:
        return False
    return not (thing.unless and values[thing.unless])


def as_texts(values: Mapping[str, Value]) -> dict[str, str]:
    """Return each value as it was answered."""
    return {n: v.text if isinstance(v, Duration) else v for n, v in values.items()}


class RenderedFile(NamedTuple):
    """A file of the folder to be: its path with ``/``, and its text with ``\\n``."""

    path: str
    text: str


@lru_cache(maxsize=512)
def encoded(text: str) -> bytes:
    """Return the bytes of a file's text; in a raw file, bytes that are not UTF-8 are surrogates."""
    return text.encode("utf-8", "surrogateescape")


class Large(bytes):
    """Stands for what a file holds that has more than kvgen reads; it is left alone."""
