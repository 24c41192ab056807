"""kvgen.toml, which is the user's, and kvgen.lock, which is the machine's: read and write."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.scaffold import literals
from kvgen.scaffold.answers import did_you_mean
from kvgen.scaffold.model import Answers, Duration, RenderedFile

PROJECT_FILE = "kvgen.toml"
LOCK_FILE = "kvgen.lock"

_TEXTS = ("pattern", "language", "name")
_CONFLICT_MARKS = ("<<<<<<<", ">>>>>>>", "|||||||")


@dataclass(frozen=True, slots=True)
class Project:
    """What a kvgen.toml says, not yet checked against the pattern."""

    pattern: str
    language: str
    name: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lock:
    """What kvgen last wrote: its version then, and each file's pristine text by path."""

    version: str
    texts: Mapping[str, str]


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
    _refuse_conflict_marks(text)
    table = tomllib.loads(text)
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
    """Change options in the text of a kvgen.toml; its comments and its order survive.

    Raises ValueError where the text is no TOML or its ``options`` no table.
    """
    if not changes:
        return text
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    _refuse_conflict_marks(text)
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ValueError(str(error)) from None
    options = document.setdefault("options", tomlkit.table())
    if not isinstance(options, dict):
        raise ValueError("options is not a table")
    for name, value in changes.items():
        options[name] = value
    return tomlkit.dumps(document)


def read_lock(folder: Path) -> Lock | None:
    """Read a folder's kvgen.lock, or None where there is none.

    Raises KvgenError for one that is not right, or that a newer kvgen wrote.
    """
    path = folder / LOCK_FILE
    if not path.exists():
        return None
    try:
        lock = parse_lock(read_text(path))
    except ValueError as error:
        raise KvgenError(
            f"{path}: {error}",
            f"take the last good one from version control: git checkout {LOCK_FILE}",
        ) from None
    if _release(lock.version) > _release(__version__):
        raise KvgenError(
            f"{path}: kvgen {lock.version} wrote this folder, and this is kvgen {__version__}",
            f"upgrade: pip install 'kvgen>={lock.version}'",
        )
    return lock


def parse_lock(text: str) -> Lock:
    """Read the text of a kvgen.lock; raises ValueError that says what is wrong."""
    _refuse_conflict_marks(text)
    table = json.loads(text)
    if not isinstance(table, dict) or table.keys() != {"files", "version"}:
        raise ValueError("not a kvgen.lock: it has the members files and version")
    version, files = table["version"], table["files"]
    if not isinstance(version, str) or not isinstance(files, dict):
        raise ValueError("version is no string, or files is no object")
    _release(version)
    return Lock(version, {path: _recorded(path, file) for path, file in files.items()})


def lock_text(files: Iterable[RenderedFile]) -> str:
    """Write the kvgen.lock of what was rendered: sorted, a line of text a line of the lock."""
    recorded = {
        file.path: {
            "id": blob_id(file.text.encode("utf-8")),
            "text": file.text.splitlines(keepends=True),
        }
        for file in files
    }
    table = {"version": __version__, "files": recorded}
    return json.dumps(table, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def blob_id(content: bytes) -> str:
    """Return git's id of a file's content: SHA-1 of ``blob <length>\\0<content>``."""
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _recorded(path: str, file: Any) -> str:
    if path in (PROJECT_FILE, LOCK_FILE):
        raise ValueError(f"files[{path!r}] is no file of a template")
    if not isinstance(file, dict) or file.keys() != {"id", "text"}:
        raise ValueError(f"files[{path!r}] is not an object with id and text")
    lines = file["text"]
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError(f"files[{path!r}].text is not a list of strings")
    text = "".join(lines)
    if blob_id(text.encode("utf-8")) != file["id"]:
        raise ValueError(f"files[{path!r}].text does not have the id {file['id']!r}")
    return text


def _release(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError:
        raise ValueError(f"version {version!r} is not three numbers") from None


def read_text(path: Path) -> str:
    """Read one of kvgen's two files, line ends as they are; raises KvgenError where it cannot."""
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise KvgenError(f"{path} does not exist", "kvgen new makes one") from None
    except UnicodeDecodeError:
        raise KvgenError(f"{path} is not UTF-8 text", "take it from version control") from None
    except OSError as error:
        raise KvgenError(f"{path}: {error.strerror}") from None


def _refuse_conflict_marks(text: str) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(_CONFLICT_MARKS):
            raise ValueError(f"line {number} is a mark of an unsolved merge conflict")


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} is missing or not a string")
    return value


def _only(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"unknown key {where + key!r}{did_you_mean(key, known)}")
