"""kvgen.toml, the user's own file: what a function was made from, read and changed."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from kvgen.errors import KvgenError
from kvgen.scaffold import literals
from kvgen.scaffold.common import ALL_COMMON
from kvgen.scaffold.disk import read_file
from kvgen.scaffold.model import Answers, Value, as_texts
from kvgen.scaffold.tables import Table, only, string, tables
from kvgen.toml import read_toml

PROJECT_FILE = "kvgen.toml"
BYTE_ORDER_MARK = "\ufeff"  # some editors put it before a text

_ABOUT = "# What this function was made from. Change an answer, then run `kvgen regenerate`."
_COMMON = tuple(option.name for option in ALL_COMMON)
_KEYS = ("language", "name", "handler", "templates", *_COMMON, "patterns")
_CONFLICT_MARKS = ("<<<<<<<", ">>>>>>>", "|||||||")


Patterns = Mapping[str, Mapping[str, str]]


class UnsolvedError(ValueError):
    """What version control left in a file to be solved by hand."""


class Project(NamedTuple):
    """What a kvgen.toml says, not yet checked against the patterns; None for no handler.

    ``templates`` is the way from its folder to the templates of the user's own, if there are any.
    """

    language: str
    name: str
    handler: str | None
    common: Mapping[str, str]
    patterns: Patterns
    templates: str = ""


def read_project(folder: Path) -> Project:
    """Read a folder's kvgen.toml.

    Raises KvgenError, with the file and the place, for one that is missing or not right.
    """
    try:
        return parse_project(read_project_text(folder))
    except ValueError as error:
        raise not_right(folder, error) from None
    except OSError as error:
        raise KvgenError(f"{folder / PROJECT_FILE}: {error.strerror}") from None


def read_project_text(folder: Path) -> str:
    """Return the text of a folder's kvgen.toml; raises KvgenError if it is missing or not text."""
    content = read_file(folder, PROJECT_FILE)
    if content is None:
        path = folder / PROJECT_FILE
        raise KvgenError(f"{path} does not exist", "kvgen new and kvgen add write one")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        what = f"{folder / PROJECT_FILE} is not UTF-8 text"
        raise KvgenError(what, "restore it from version control") from None


def not_right(folder: Path, error: ValueError) -> KvgenError:
    """Return the error for a folder's kvgen.toml that cannot be read."""
    path = folder / PROJECT_FILE
    return KvgenError(f"{path}: {error}", "correct the file by hand and try again")


def parse_project(text: str) -> Project:
    """Read the text of a kvgen.toml; raises ValueError that says what is wrong and where."""
    refuse_conflict_marks(text)
    try:
        table = read_toml(text.removeprefix(BYTE_ORDER_MARK))
    except RecursionError:
        raise ValueError("nested too deep") from None
    if "pattern" in table:
        raise ValueError(
            "it has the form of an earlier kvgen, with one pattern: make the function again with "
            "kvgen new, and move your changes over"
        )
    only(table, _KEYS, "")
    return Project(
        language=string(table, "language", ""),
        name=string(table, "name", ""),
        handler=string(table, "handler", "") if "handler" in table else None,
        common={key: string(table, key, "") for key in _COMMON if key in table},
        patterns={
            name: {key: string(options, key, f"patterns.{name}.") for key in options}
            for name, options in tables(table, "patterns")
        },
        templates=_templates(table),
    )


def project_text(answers: Answers) -> str:
    """Write the kvgen.toml of the answers: each that has a value, patterns in alphabetical order.

    The namespace's id is written without one too: it is what a user comes to fill in.
    """
    own = {
        "language": answers.language,
        "name": answers.name,
        "handler": answers.handler or "",
        "templates": answers.templates.recorded,
    }
    lines = [_ABOUT, *option_lines(own), *option_lines(answers.common)]
    for name, values in sorted(answers.patterns.items()):
        lines += ["", f"[patterns.{name}]", *option_lines(values)]
    return "\n".join(lines) + "\n"


def _templates(table: Table) -> str:
    path = string(table, "templates", "", "")
    if path.startswith("/"):
        raise ValueError(f"templates {path!r} is not relative to the folder")
    return path


def option_texts(values: Mapping[str, Value]) -> dict[str, str]:
    """Return the text of each option that has a value, and of the namespace's id in any case."""
    texts = as_texts(values)
    return {name: text for name, text in texts.items() if text or name == "namespace-id"}


def option_lines(values: Mapping[str, Value]) -> list[str]:
    """Write options as lines of a kvgen.toml."""
    return [f"{name} = {literals.toml(text)}" for name, text in option_texts(values).items()]


def refuse_conflict_marks(text: str) -> None:
    """Raise UnsolvedError with the line of the first mark, if there is one."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(_CONFLICT_MARKS):
            raise UnsolvedError(f"line {number} is a mark of an unsolved merge conflict")
