"""A small pattern that works, under a name of one's own: where an author begins."""

import keyword
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from kvgen.errors import ConflictError, InvalidAnswerError
from kvgen.files.walk import walk
from kvgen.scaffold.manifest import check_pattern_name
from kvgen.scaffold.plan import Action, Plan, Row
from kvgen.scaffold.roots import OWN_ROOT, read_source

_ROOT = OWN_ROOT / "_starter"
_NAME = "sample-pattern"
_MANIFEST = "pattern.toml"
_LANGUAGE = re.compile(r"\[languages\.(?P<language>\w+)\]\n(?:.+\n)*\n?")


def plan_pattern(root: Path, name: str, languages: Sequence[str]) -> Plan:
    """Plan a pattern in some languages, for a folder of its name below a root.

    Raises InvalidAnswerError for what no pattern can be called, ConflictError if there is one.
    """
    try:
        check_pattern_name(name)
    except ValueError as error:
        raise InvalidAnswerError(str(error), "for example kvgen template new price-list") from None
    if keyword.iskeyword(name):
        raise InvalidAnswerError(f"{name!r} is a reserved word of Python", "choose another name")
    known = starter_languages()
    if missing := [language for language in languages if language not in known]:
        raise InvalidAnswerError(
            f"there is no starter pattern in {missing[0]}",
            f"there is one in {', '.join(known)}",
        )
    if os.path.lexists(root / name):
        raise ConflictError(f"{root / name} exists", "choose another name or another folder")
    rows = []
    for path in _paths(languages):
        text = read_source(_ROOT, f"{_NAME}/{path}").decode("utf-8")
        if path == _MANIFEST:
            text = _LANGUAGE.sub(lambda m: m[0] if m["language"] in languages else "", text)
        content = _renamed(text.rstrip("\n") + "\n", name).encode("utf-8")
        rows.append(Row(_renamed(path, name), Action.ADD, None, content))
    return Plan(tuple(rows))


def starter_languages() -> list[str]:
    """Return the languages in which there is a pattern to begin with."""
    manifest = read_source(_ROOT, f"{_NAME}/{_MANIFEST}").decode("utf-8")
    return [match["language"] for match in _LANGUAGE.finditer(manifest)]


def _paths(languages: Sequence[str]) -> Iterator[str]:
    yield _MANIFEST
    place = _ROOT / _NAME
    for path, entry in walk(str(place), lambda *_: True, lambda *_: None):
        if entry.is_file(follow_symlinks=False) and path.split("/")[0] in languages:
            yield path


def _renamed(text: str, name: str) -> str:
    """Put a name in the place of the sample's, in each of the ways in which code spells one."""
    words = name.split("-")
    pascal = "".join(map(str.capitalize, words))
    for sample, own in (
        (_NAME, name),
        ("sample_pattern", "_".join(words)),
        ("SamplePattern", pascal),
        ("samplePattern", words[0] + pascal[len(words[0]) :]),
        ("Sample pattern", " ".join(words).capitalize()),
    ):
        text = text.replace(sample, own)
    return text
