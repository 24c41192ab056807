"""The request of a regeneration, and the answers that result from a folder's kvgen.toml."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.answers import check_language, check_option, example_of
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.common import common_options
from kvgen.scaffold.edits import change_options
from kvgen.scaffold.function import check_project
from kvgen.scaffold.model import Answers, Option
from kvgen.scaffold.project import PROJECT_FILE, Project, not_right, parse_project
from kvgen.scaffold.roots import OWN, Templates, of_function
from kvgen.scaffold.side import Side
from kvgen.scaffold.words import did_you_mean, shown

#: The path of an option's key in kvgen.toml.
Key = tuple[str, ...]


class Settings(NamedTuple):
    """Options to change first, whose lines count in which file, and a folder without a lock."""

    changes: Mapping[str, str] = MappingProxyType({})
    sides: Mapping[str, Side] = MappingProxyType({})
    adopt: bool = False


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
    """Split ``FILE=SIDE`` texts; raises InvalidAnswerError for any other text."""
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
    folder: Path, text: str, changes: Mapping[str, str], templates: Templates = OWN
) -> tuple[str, Answers]:
    """Return the text of a kvgen.toml with its options changed, and the answers that it gives.

    Raises KvgenError for a text that is not right, InvalidAnswerError
    for an answer that is illegal there or among the changes.
    """
    try:
        said = parse_project(text)
        if changes:
            found = of_function(templates, folder, said.templates)
            text = change_options(text, _keys(said, changes, found))
            said = parse_project(text)
    except ValueError as error:
        raise not_right(folder, error) from None
    try:
        return text, check_project(folder, said, templates)
    except InvalidAnswerError as error:
        raise InvalidAnswerError(f"{folder / PROJECT_FILE}: {error.message}", error.hint) from None


def _keys(
    project: Project, changes: Mapping[str, str], templates: Templates
) -> dict[Key, str | None]:
    """Return the value of each key that changes; None for one that another is set instead of."""
    known = dict(_options(project, templates))
    keys: dict[Key, str | None] = {}
    for name, value in changes.items():
        found = [key for key in known if name in (key[-1], ".".join(key[-2:]))]
        _refuse_unclear(name, found, known)
        (key,) = found
        option = known[key]
        try:
            check_option(option, value, "--set ")
        except InvalidAnswerError as error:
            example = f"for example --set {name}={example_of(option)}"
            raise InvalidAnswerError(error.message, example) from None
        keys[key] = value
    for key in list(keys):
        for replaced in _replaced(key, keys[key], known):
            if keys.get(replaced):
                one, other = f"--set {key[-1]}", f"--set {replaced[-1]}"
                raise InvalidAnswerError(
                    f"{one} and {other}: only one of the two can be given",
                    f"leave out {one} or {other}",
                )
            keys[replaced] = None
    return keys


def _replaced(key: Key, value: str | None, known: Mapping[Key, Option]) -> Iterator[Key]:
    """Yield the keys of the options that one with a value stands instead of, or that do for it."""
    for other, option in known.items():
        is_beside = value and other[:-1] == key[:-1]
        if is_beside and (option.instead_of == key[-1] or known[key].instead_of == other[-1]):
            yield other


def _options(project: Project, templates: Templates) -> Iterator[tuple[Key, Option]]:
    """Yield every option of a function with the path of its key in kvgen.toml."""
    for option in common_options(check_language(project.language)):
        yield (option.name,), option
    for name in project.patterns:
        for option in load_pattern(name, templates).options:
            yield ("patterns", name, option.name), option


def _refuse_unclear(name: str, found: list[Key], known: Mapping[Key, Option]) -> None:
    names = [".".join(key[-2:]) for key in known]
    if not found:
        raise InvalidAnswerError(
            f"--set {shown(name)}: this function has no such option"
            + did_you_mean(name, [*names, *(key[-1] for key in known)]),
            f"the options are {', '.join(names)}",
        )
    if len(found) > 1:
        choices = [".".join(key[-2:]) for key in found]
        raise InvalidAnswerError(
            f"--set {shown(name)}: {' and '.join(key[-2] for key in found)} have this option",
            f"say which: {' or '.join(f'--set {choice}=…' for choice in choices)}",
        )
