"""A function's answers to files in memory. Pure, given the templates."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from kvgen.errors import KvgenError
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.quoting import Literal
from kvgen.scaffold.catalog import load_pattern, shared_files, templates_root
from kvgen.scaffold.common import KV_OPTION
from kvgen.scaffold.filters import FILTERS
from kvgen.scaffold.model import (
    NAMESPACE_PLACEHOLDER,
    Answers,
    Pattern,
    RenderedFile,
    TemplateFile,
    Value,
    as_texts,
    is_wanted,
)

_TAG = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_WORD = re.compile(r"\w+")

Context = Mapping[str, object]


def render(answers: Answers, root: Path | None = None) -> tuple[RenderedFile, ...]:
    """Render every file of a function, sorted by path.

    In a function that kvgen did not make these are the KV client and the patterns' parts alone.
    """
    root = root or templates_root()
    files = [_rendered_with(file, context, root) for file, context in _files(answers, root)]
    return tuple(sorted(files, key=lambda file: file.path))


def render_use(answers: Answers, pattern: Pattern, root: Path | None = None) -> str:
    """Render the lines to paste into a handler that is to use a pattern of the function.

    Raises KvgenError where the pattern has none for these answers.
    """
    root = root or templates_root()
    written = pattern.languages[answers.language]
    values = answers.patterns[pattern.name]
    files = written.use if answers.handler else written.foreign_use
    source = next((file.source for file in files if is_wanted(file, values)), None)
    if source is None:
        raise KvgenError(
            f"the pattern {pattern.name!r} says not how it is used in {answers.language} with "
            "these answers",
            "languages.use in its pattern.toml lacks a file",
        )
    return _text(source, _pattern_context(answers, pattern.name), root)


def render_section(answers: Answers, name: str, root: Path | None = None) -> str:
    """Render a pattern's section of the README."""
    root = root or templates_root()
    written = load_pattern(name, root).languages[answers.language]
    return _text(written.section, _pattern_context(answers, name), root)


def _files(answers: Answers, root: Path) -> Iterator[tuple[TemplateFile, Context]]:
    shared = _shared_context(answers, root)
    store = str(answers.common.get(KV_OPTION.name, ""))
    for file in shared_files(answers.language, root, store):
        if answers.handler or file.target in BY_NAME[answers.language].kv:
            yield file, shared
    for name, values in answers.patterns.items():
        written = load_pattern(name, root).languages[answers.language]
        context = _pattern_context(answers, name)
        files = written.parts + (written.function if name == answers.handler else ())
        yield from ((file, context) for file in files if is_wanted(file, values))


def _common_context(answers: Answers) -> dict[str, object]:
    values = _by_identifier(answers.common)
    return values | {
        "name": answers.name,
        "package_name": answers.name.lower(),
        "namespace_id": answers.common["namespace-id"] or NAMESPACE_PLACEHOLDER,
        "handler": answers.handler or "",
    }


def _pattern_context(answers: Answers, name: str) -> Context:
    return _common_context(answers) | _by_identifier(answers.patterns[name])


def _shared_context(answers: Answers, root: Path) -> Context:
    patterns = [load_pattern(name, root) for name in answers.patterns]
    variables = [
        (Literal(variable.name), as_texts(answers.patterns[pattern.name])[variable.option])
        for pattern in patterns
        for variable in pattern.variables
    ]
    language = BY_NAME[answers.language]
    needed = [p.languages[language.name].dependencies for p in patterns]
    needed += [language.kv_dependencies, language.function_dependencies]
    context = _common_context(answers) | {
        "patterns": tuple(Literal(pattern.name) for pattern in patterns),
        "variables": tuple(sorted(variables)),
        "dependencies": tuple(sorted({each for group in needed for each in group})),
    }
    if not answers.handler:
        return context
    sections = [
        render_section(answers, name, root).rstrip("\n") for name in _handler_first(answers)
    ]
    title = load_pattern(answers.handler, root).title
    return context | {"sections": tuple(map(Literal, sections)), "title": Literal(title)}


def _handler_first(answers: Answers) -> list[str]:
    return sorted(answers.patterns, key=lambda name: (name != answers.handler, name))


def _by_identifier(values: Mapping[str, Value]) -> dict[str, object]:
    return {name.replace("-", "_"): value for name, value in values.items()}


def _rendered_with(file: TemplateFile, context: Context, root: Path) -> RenderedFile:
    return RenderedFile(file.target, _text(file.source, context, root))


def _text(source: str, context: Context, root: Path) -> str:
    names = _names(root, source)
    if not names:
        return _source(root, source)
    values = tuple((name, context[name]) for name in names if name in context)
    return _rendered(root, source, values)


@lru_cache(maxsize=512)
def _rendered(root: Path, source: str, values: tuple[tuple[str, object], ...]) -> str:
    """Render a template; in a run over many folders, once for the same answers."""
    return _template(root, source).render(dict(values))


@cache
def _names(root: Path, source: str) -> tuple[str, ...]:
    """Return the words of a template's tags, among them every name that it may print.

    A file without a hole has none: half of the templates have their suffix for a reason of
    packaging, and compiling those would be a tenth of the time that `kvgen new` takes.
    """
    tags = _TAG.findall(_source(root, source)) if source.endswith(".j2") else []
    return tuple(sorted(set(_WORD.findall(" ".join(tags)))))


@cache
def _template(root: Path, source: str) -> Template:
    return _environment(root).get_template(source)


@cache
def _source(root: Path, source: str) -> str:
    return (root / source).read_text(encoding="utf-8")


@cache
def _environment(root: Path) -> Environment:
    environment = Environment(  # noqa: S701 - not HTML; `_only_literals` guards every value
        loader=FileSystemLoader(root),
        undefined=StrictUndefined,
        finalize=_only_literals,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters = dict(FILTERS)
    for language in LANGUAGES:
        environment.filters.update(language.filters)
    return environment


def _only_literals(value: Any) -> Any:
    """Refuse to print what no literal filter has quoted: an answer is data until then."""
    # Jinja hands over an undefined name as well; its own complaint says more than ours.
    if isinstance(value, Literal | StrictUndefined):
        return value
    raise TypeError(f"a template prints {value!r} without a literal filter")
