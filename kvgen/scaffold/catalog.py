"""Finds templates/ and reads the patterns' manifests, strictly."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.manifest import parse_pattern
from kvgen.scaffold.model import Pattern, TemplateFile
from kvgen.scaffold.words import did_you_mean, shown

_SHARED = "_shared"
_EVERY_LANGUAGE = "any"


@cache
def templates_root() -> Path:
    """Return the folder of the templates: inside the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def pattern_names(root: Path | None = None) -> list[str]:
    """Return the names of the patterns, sorted."""
    found = (root or templates_root()).glob("*/pattern.toml")
    return sorted(manifest.parent.name for manifest in found)


def load_pattern(name: str, root: Path | None = None) -> Pattern:
    """Read a pattern's manifest.

    Raises InvalidAnswerError for an unknown pattern, KvgenError for a manifest that is not right.
    """
    return _load(name, root or templates_root())


@cache
def _load(name: str, root: Path) -> Pattern:
    known = pattern_names(root)
    if name not in known:
        raise InvalidAnswerError(
            f"unknown pattern {shown(name)}{did_you_mean(name, known)}",
            f"the patterns are {', '.join(known)}",
        )
    path = root / name / "pattern.toml"
    try:
        manifest: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        pattern = parse_pattern(name, manifest)
        _refuse_missing(pattern, root)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise KvgenError(f"{path}: {error}") from None
    return pattern


@cache
def shared_files(
    language: str, root: Path | None = None, store: str = ""
) -> tuple[TemplateFile, ...]:
    """Return the templates that every function of a language has, sorted by target.

    What lies in a folder of its own for the way to the KV comes on top, or in the place of others.
    """
    root = root or templates_root()
    found = {
        path.removesuffix(".j2"): f"{_SHARED}/{folder}/{path}"
        for folder in (_EVERY_LANGUAGE, language, f"{language}.{store}")
        for path in _paths(root / _SHARED / folder)
    }
    return tuple(TemplateFile(source, target) for target, source in sorted(found.items()))


def handler_lines(pattern: Pattern, language: str, root: Path | None = None) -> int:
    """Return how many lines the handler has; a handler's template has no control lines."""
    target = BY_NAME[language].handler
    files = pattern.languages[language].function
    source = next(f.source for f in files if f.target == target and not f.when)
    text = ((root or templates_root()) / source).read_text(encoding="utf-8")
    return len(text.splitlines())


def _paths(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix()


def _refuse_missing(pattern: Pattern, root: Path) -> None:
    for language, written in pattern.languages.items():
        groups = (written.parts, written.function, written.use, written.foreign_use)
        for source in [written.section, *(file.source for group in groups for file in group)]:
            if not (root / source).is_file():
                raise ValueError(f"languages.{language}: {source!r} does not exist")
