"""kvgen.toml, the user's own file: what a folder was made from, read and changed."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kvgen.errors import KvgenError
from kvgen.scaffold import literals
from kvgen.scaffold.answers import did_you_mean
from kvgen.scaffold.model import Answers, Duration

PROJECT_FILE = "kvgen.toml"

_TEXTS = ("pattern", "language", "name")
_BARE_NEWLINE = re.compile(r"(?<!\r)\n")
_CONFLICT_MARKS = ("<<<<<<<", ">>>>>>>", "|||||||")


class UnsolvedError(ValueError):
    """What version control left in a file to be solved by hand."""


class Project(NamedTuple):
    """What a kvgen.toml says, not yet checked against the pattern."""

    pattern: str
    language: str
    name: str
    options: Mapping[str, str]


def read_project(folder: Path) -> Project:
    """Read a folder's kvgen.toml.

    Raises KvgenError, with the file and the place, for one that is missing or not right.
    """
    path = folder / PROJECT_FILE
    try:
        return parse_project(read_text(path))
    except ValueError as error:
        raise KvgenError(f"{path}: {error}", "mend the file by hand and try again") from None


def parse_project(text: str) -> Project:
    """Read the text of a kvgen.toml; raises ValueError that says what is wrong and where."""
    refuse_conflict_marks(text)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    _only(table, (*_TEXTS, "options"), "")
    options = table.get("options", {})
    if not isinstance(options, dict):
        raise ValueError("options is not a table")
    for name, value in options.items():
        if not isinstance(value, str):
            raise ValueError(f"options.{name} is not a string")
    pattern, language, name = (_text(table, key) for key in _TEXTS)
    return Project(pattern, language, name, options)


def project_text(answers: Answers) -> str:
    """Write the kvgen.toml of the answers: every option, in the pattern's order."""
    lines = [
        "# What this folder was made from. Change an answer, then run `kvgen regenerate`.",
        f"pattern = {literals.toml(answers.pattern)}",
        f"language = {literals.toml(answers.language)}",
        f"name = {literals.toml(answers.name)}",
        "",
        "[options]",
    ]
    for name, value in answers.values.items():
        text = value.text if isinstance(value, Duration) else value
        lines.append(f"{name} = {literals.toml(text)}")
    return "\n".join(lines) + "\n"


def change_options(text: str, changes: Mapping[str, str]) -> str:
    """Change options in the text of a kvgen.toml; comments, order and line ends survive.

    Raises ValueError where the text is no TOML or its ``options`` no table.
    """
    if not changes:
        return text
    # Only a change needs to know about comments, and tomlkit takes longer than all the rest.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    refuse_conflict_marks(text)
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ValueError(str(error)) from None
    options = document.setdefault("options", tomlkit.table())
    if not isinstance(options, dict):
        raise ValueError("options is not a table")
    for name, value in changes.items():
        options[name] = value
    return _with_ends_of(text, tomlkit.dumps(document))


def _with_ends_of(text: str, changed: str) -> str:
    """Give a changed text the line ends of the one it was, and no last newline it did not have."""
    if text and not text.endswith("\n"):
        changed = changed.removesuffix("\n")
    is_dos = "\r\n" in text and not _BARE_NEWLINE.search(text)
    return _BARE_NEWLINE.sub("\r\n", changed) if is_dos else changed


def read_text(path: Path) -> str:
    """Read one of kvgen's two files, line ends as they are; raises KvgenError where it cannot."""
    try:
        return text_of(path, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return text_of(path, None)
    except OSError as error:
        raise KvgenError(f"{path}: {error.strerror}") from None


def text_of(path: Path, content: bytes | None) -> str:
    """Decode what was read from a path; raises KvgenError for what is no text, or not there."""
    if content is None:
        raise KvgenError(f"{path} does not exist", "kvgen new makes one")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise KvgenError(f"{path} is not UTF-8 text", "take it from version control") from None


def refuse_conflict_marks(text: str) -> None:
    """Raise UnsolvedError with the line of the first mark, if there is one."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(_CONFLICT_MARKS):
            raise UnsolvedError(f"line {number} is a mark of an unsolved merge conflict")


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} is missing or not a string")
    return value


def _only(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"unknown key {where + key!r}{did_you_mean(key, known)}")
