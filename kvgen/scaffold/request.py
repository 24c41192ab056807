"""What is asked of a regeneration, and a folder's kvgen.toml as the answers that follow from it."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.answers import (
    check_answers,
    check_language,
    check_name,
    check_option,
    did_you_mean,
    shown,
)
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.merge import Side
from kvgen.scaffold.model import Answers, Pattern
from kvgen.scaffold.project import Project, change_options, parse_project


class Request(NamedTuple):
    """Options to change first, whose lines count in which file, and a folder without a lock."""

    changes: Mapping[str, str] = MappingProxyType({})
    sides: Mapping[str, Side] = MappingProxyType({})
    adopt: bool = False


@cache
def pattern_named(name: str, root: Path | None) -> Pattern:
    """Load a pattern, once for a run over many folders."""
    return load_pattern(name, root)


def check_changes(assignments: Iterable[str]) -> dict[str, str]:
    """Split ``OPTION=VALUE`` texts; raises InvalidAnswerError for one without ``=``."""
    changes = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name:
            raise InvalidAnswerError(
                f"--set {shown(assignment)}: an answer is set as OPTION=VALUE",
                "for example --set ttl=1h",
            )
        changes[name] = value
    return changes


def check_sides(assignments: Iterable[str]) -> dict[str, Side]:
    """Split ``FILE=SIDE`` texts; raises InvalidAnswerError for one that is none."""
    sides, known = {}, [side.value for side in Side]
    for assignment in assignments:
        path, _, side = assignment.rpartition("=")
        if not path or side not in known:
            raise InvalidAnswerError(
                f"--resolve {shown(assignment)}: a conflict is resolved as FILE=SIDE, and a side "
                f"is one of {', '.join(known)}{did_you_mean(side, known) if path else ''}",
                "for example --resolve handler.go=mine",
            )
        sides[path] = Side(side)
    return sides


def change_project(
    path: Path, text: str, changes: Mapping[str, str], root: Path | None = None
) -> tuple[str, Answers]:
    """Return the text of a kvgen.toml with its options changed, and the answers that it gives.

    ``path`` is for messages. Raises KvgenError for a text that is not right, InvalidAnswerError
    for an answer that is illegal there or among the changes.
    """
    try:
        changed = change_options(text, changes)
        said = parse_project(changed)
    except ValueError as error:
        raise KvgenError(f"{path}: {error}", "mend the file by hand and try again") from None
    try:
        pattern = pattern_named(said.pattern, root)
    except InvalidAnswerError as error:
        raise InvalidAnswerError(f"{path}: {error.message}", error.hint) from None
    _check_changes(pattern, changes)
    return changed, _answers(path, pattern, said)


def _check_changes(pattern: Pattern, changes: Mapping[str, str]) -> None:
    known = {option.name: option for option in pattern.options}
    for name, value in changes.items():
        if name not in known:
            raise InvalidAnswerError(
                f"--set {shown(name)}: the pattern {pattern.name!r} has no such option"
                + did_you_mean(name, known),
                f"the options are {', '.join(known)}",
            )
        try:
            check_option(known[name], value, "--set ")
        except InvalidAnswerError as error:
            example = f"for example --set {name}={known[name].default}"
            raise InvalidAnswerError(error.message, example) from None


def _answers(path: Path, pattern: Pattern, said: Project) -> Answers:
    try:
        language = check_language(said.language).name
        return check_answers(pattern, language, _name(said.name), said.options, where="")
    except InvalidAnswerError as error:
        raise InvalidAnswerError(f"{path}: {error.message}", error.hint) from None


def _name(name: str) -> str:
    try:
        return check_name(name, where="")
    except InvalidAnswerError as error:
        raise InvalidAnswerError(error.message, 'for example name = "session-store"') from None
