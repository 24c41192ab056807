"""Finds templates/ and reads the patterns' manifests, strictly."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.answers import COMMON_OPTIONS, KINDS, check_option, did_you_mean, shown
from kvgen.scaffold.model import LANGUAGES, Option, Pattern, TemplateFile

_TEXTS = ("title", "summary", "binding", "kv_calls", "needs")
_PATTERN_KEYS = (*_TEXTS, "options", "languages")
_OPTION_KEYS = ("kind", "default", "help", "choices")
_LANGUAGE_KEYS = ("handler", "files")


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
    root = root or templates_root()
    known = pattern_names(root)
    if name not in known:
        raise InvalidAnswerError(
            f"unknown pattern {shown(name)}{did_you_mean(name, known)}",
            f"the patterns are {', '.join(known)}",
        )
    return _load(name, root)


@cache
def _load(name: str, root: Path) -> Pattern:
    path = root / name / "pattern.toml"
    try:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        return _pattern(name, manifest, root)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise KvgenError(f"{path}: {error}") from None


def handler_lines(pattern: Pattern, language: str, root: Path | None = None) -> int:
    """Return how many lines the handler has; a handler's template has no control lines."""
    target = pattern.handlers[language]
    source = next(file.source for file in pattern.files[language] if file.target == target)
    text = ((root or templates_root()) / source).read_text(encoding="utf-8")
    return len(text.splitlines())


def _pattern(name: str, manifest: Mapping[str, Any], root: Path) -> Pattern:
    _only(manifest, _PATTERN_KEYS, "")
    texts = {key: _text(manifest, key, "") for key in _TEXTS}
    options = tuple(
        _option(key, _table(table, f"options.{key}"))
        for key, table in _table(manifest.get("options", {}), "options").items()
    )
    languages = _table(manifest.get("languages", {}), "languages")
    names = [language.name for language in LANGUAGES]
    _only(languages, names, "languages.")
    if missing := [language for language in names if language not in languages]:
        raise ValueError(f"no [languages.{missing[0]}]")
    files = {key: _files(_table(table, key), key, root) for key, table in languages.items()}
    handlers = {key: _handler(table, key, files[key]) for key, table in languages.items()}
    return Pattern(name, **texts, options=options + COMMON_OPTIONS, files=files, handlers=handlers)


def _option(name: str, table: Mapping[str, Any]) -> Option:
    where = f"options.{name}."
    _only(table, _OPTION_KEYS, where)
    kind = _text(table, "kind", where)
    if kind != "choice" and kind not in KINDS:
        raise ValueError(f"{where}kind {kind!r}{did_you_mean(kind, KINDS)}")
    option = Option(
        name,
        kind,
        _text(table, "default", where),
        _text(table, "help", where),
        tuple(table.get("choices", ())),
    )
    try:
        check_option(option, option.default)
    except InvalidAnswerError as error:
        raise ValueError(f"{where}default: {error}") from None
    return option


def _files(table: Mapping[str, Any], language: str, root: Path) -> tuple[TemplateFile, ...]:
    where = f"languages.{language}."
    _only(table, _LANGUAGE_KEYS, where)
    sources = table.get("files")
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise ValueError(f"{where}files is not a list of paths")
    if missing := [source for source in sources if not (root / source).is_file()]:
        raise ValueError(f"{where}files: {missing[0]!r} does not exist")
    return tuple(TemplateFile(source, _target(source)) for source in sources)


def _target(source: str) -> str:
    """``session/go/handler.go.j2`` is the template of ``handler.go``."""
    return source.split("/", 2)[2].removesuffix(".j2")


def _handler(table: Mapping[str, Any], language: str, files: tuple[TemplateFile, ...]) -> str:
    handler = _text(table, "handler", f"languages.{language}.")
    if handler not in [file.target for file in files]:
        raise ValueError(f"languages.{language}.handler {handler!r} is not among its files")
    return handler


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{where}{key} is missing or not a string")
    return value


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not a table")
    return value


def _only(table: Mapping[str, Any], known: tuple[str, ...] | list[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise ValueError(f"unknown key {where + key!r}{did_you_mean(key, known)}")
