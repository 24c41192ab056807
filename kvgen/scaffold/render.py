"""A function's answers to files in memory. Pure, given the templates."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Template

from kvgen.errors import KvgenError
from kvgen.languages.describe import BY_NAME
from kvgen.quoting import Literal
from kvgen.scaffold.catalog import load_pattern, origin_of, shared_files, written_in
from kvgen.scaffold.common import KV_OPTION
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
from kvgen.scaffold.roots import read_source
from kvgen.scaffold.sandbox import BadTemplateError, compile_template, print_template

_TAG = re.compile(r"\{[{%#](.*?)[%#}]\}", re.DOTALL)
_WORD = re.compile(r"\w+")

Context = Mapping[str, object]
#: Where a template may be found, the first place that has it counts.
Roots = tuple[Path, ...]


def render(answers: Answers) -> tuple[RenderedFile, ...]:
    """Render every file of a function, sorted by path.

    In a function that kvgen did not make these are the KV client and the patterns' parts alone.
    Raises KvgenError for a template that is not right, or for two of one file.
    """
    files: dict[str, TemplateFile] = {}
    rendered = []
    for file, context, roots in _files(answers):
        other = files.setdefault(file.target, file)
        if other is not file:
            raise KvgenError(
                f"{other.source} and {file.source} both make {file.target}",
                "give one of them another target, in its pattern.toml",
            )
        rendered.append(RenderedFile(file.target, _text(file, context, roots)))
    return tuple(sorted(rendered))


def render_use(answers: Answers, pattern: Pattern) -> str:
    """Render the lines to paste into a handler that is to use a pattern of the function.

    Raises KvgenError if the pattern has none for these answers.
    """
    written = written_in(pattern, answers.language)
    values = answers.patterns[pattern.name]
    files = written.use if answers.handler else written.foreign_use
    wanted = next((file for file in files if is_wanted(file, values)), None)
    if wanted is None:
        raise KvgenError(
            f"the pattern {pattern.name!r} does not say how to use it in {answers.language} with "
            "these answers",
            "languages.use in its pattern.toml lacks a file",
        )
    return _text(wanted, _pattern_context(answers, pattern.name), (pattern.root,))


def render_section(answers: Answers, name: str) -> str:
    """Render a pattern's section of the README."""
    pattern = load_pattern(name, answers.templates)
    section = TemplateFile(written_in(pattern, answers.language).section, "README.md")
    return _text(section, _pattern_context(answers, name), (pattern.root,))


def origins_of(answers: Answers) -> dict[str, str]:
    """Return a hash of each pattern that is not kvgen's own, by its name."""
    patterns = (load_pattern(name, answers.templates) for name in answers.patterns)
    found = {pattern.name: origin_of(pattern, answers.language) for pattern in patterns}
    return {name: origin for name, origin in found.items() if origin}


def _files(answers: Answers) -> Iterator[tuple[TemplateFile, Context, Roots]]:
    shared, roots = _shared_context(answers), answers.templates.roots
    store = str(answers.common.get(KV_OPTION.name, ""))
    for file in shared_files(answers.language, answers.templates, store):
        if answers.handler or file.target in BY_NAME[answers.language].kv:
            yield file, shared, roots
    for name, values in answers.patterns.items():
        pattern = load_pattern(name, answers.templates)
        written = written_in(pattern, answers.language)
        context = _pattern_context(answers, name)
        files = written.parts + (written.function if name == answers.handler else ())
        own = (pattern.root,)
        yield from ((file, context, own) for file in files if is_wanted(file, values))


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


def _shared_context(answers: Answers) -> Context:
    patterns = [load_pattern(name, answers.templates) for name in answers.patterns]
    variables = [
        (Literal(variable.name), as_texts(answers.patterns[pattern.name])[variable.option])
        for pattern in patterns
        for variable in pattern.variables
    ]
    names = [name for name, _ in variables]
    if twice := [name for name in names if names.count(name) > 1]:
        raise KvgenError(f"two patterns of this function have the variable {twice[0]}")
    language = BY_NAME[answers.language]
    needed = [written_in(p, language.name).dependencies for p in patterns]
    needed += [language.kv_dependencies, language.function_dependencies]
    context = _common_context(answers) | {
        "patterns": tuple(Literal(pattern.name) for pattern in patterns),
        "variables": tuple(sorted(variables)),
        "dependencies": tuple(sorted({each for group in needed for each in group})),
    }
    if not answers.handler:
        return context
    sections = [render_section(answers, name).rstrip("\n") for name in _handler_first(answers)]
    title = load_pattern(answers.handler, answers.templates).title
    return context | {"sections": tuple(map(Literal, sections)), "title": Literal(title)}


def _handler_first(answers: Answers) -> list[str]:
    return sorted(answers.patterns, key=lambda name: (name != answers.handler, name))


def _by_identifier(values: Mapping[str, Value]) -> dict[str, object]:
    return {name.replace("-", "_"): value for name, value in values.items()}


def _text(file: TemplateFile, context: Context, roots: Roots) -> str:
    if file.raw:
        return _content(roots, file.source)[1].decode("utf-8", "surrogateescape")
    text, names = _source(roots, file.source)
    if names is None:
        return text
    values = tuple((name, context[name]) for name in names if name in context)
    return _rendered(roots, file.source, values)


@lru_cache(maxsize=512)
def _rendered(roots: Roots, source: str, values: tuple[tuple[str, object], ...]) -> str:
    """Render a template; in a run over many folders, once for the same answers."""
    return print_template(_template(roots, source), dict(values))


@cache
def _template(roots: Roots, source: str) -> Template:
    place = _content(roots, source)[0]
    return compile_template(str(place), _source(roots, source)[0])


@cache
def _source(roots: Roots, source: str) -> tuple[str, tuple[str, ...] | None]:
    """Return a template's text, and the words of its tags: all names that it may print are there.

    A file without a hole has none: half of the templates have their suffix for a reason of
    packaging, and compiling those would be a tenth of the time that `kvgen new` takes.
    """
    place, content = _content(roots, source)
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = "it is not UTF-8 text; a file with raw = true in the manifest is copied as it is"
        raise BadTemplateError(str(place), line, problem) from None
    tags = _TAG.findall(text) if source.endswith(".j2") else []
    return text, tuple(sorted(set(_WORD.findall(" ".join(tags))))) if tags else None


@cache
def _content(roots: Roots, source: str) -> tuple[Path, bytes]:
    """Return where a template is, and what is in it."""
    root = next((root for root in roots[:-1] if (root / source).exists()), roots[-1])
    return root / source, read_source(root, source)
