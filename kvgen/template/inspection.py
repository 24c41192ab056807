"""Checks the patterns of a root for mistakes, by file and line."""

import re
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.finding import Finding, Level, Rule
from kvgen.check.positions import error_line, toml_line
from kvgen.errors import KvgenError
from kvgen.files.walk import walk
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import SHARED, pattern_names, read_pattern, shared_files, sources_of
from kvgen.scaffold.model import Option, Pattern, TemplateFile
from kvgen.scaffold.roots import OWN_ROOT, Templates, read_source
from kvgen.template.trial import try_pattern

_MANIFEST = "pattern.toml"
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
_KEY = re.compile(r"[\w-]+(\.[\w-]+)*")

_FACTS = {
    "manifest": (Level.ERROR, "The manifest describes the pattern."),
    "no-manifest": (Level.WARNING, "A folder of a root is a pattern, or begins with _ or a dot."),
    "unnamed": (Level.ERROR, "A file that no manifest names is never used."),
    "unprinted": (Level.ERROR, "An option that no template prints changes nothing."),
    "collision": (Level.ERROR, "Two files cannot have the same name."),
}


def check_root(root: Path) -> tuple[Finding, ...]:
    """Return all that is wrong with the patterns of a root, each place once, worst first.

    Raises KvgenError where there is nothing to check: that is a mistyped root, not a good one.
    """
    templates = Templates(root, "", (OWN_ROOT,))
    names = pattern_names(Templates(root, "", ()))
    if not names and not (root / SHARED).is_dir():
        hint = "kvgen template new begins one"
        if (root / _MANIFEST).exists():
            hint = f"it is a pattern itself; name its root: kvgen template check {root.parent}"
        raise KvgenError(f"{root} has no patterns", hint)
    found: dict[Finding, None] = {}
    for name in names:
        found |= dict.fromkeys(_check_pattern(root, name, templates))
    found |= dict.fromkeys(_without_manifest(root))
    return tuple(sorted(found, key=lambda f: (f.rule.level.rank, f.path, f.line or 0)))


def _check_pattern(root: Path, name: str, templates: Templates) -> Iterator[Finding]:
    manifest = f"{name}/{_MANIFEST}"
    try:
        pattern = read_pattern(name, root)
    except KvgenError as error:
        message = error.message.removeprefix(f"{root / manifest}: ")
        line = error_line(message) or _line_of_key(root, manifest, message)
        yield _broken("manifest", manifest, line, message, error.hint or "correct it")
        return
    yield from _unnamed(pattern)
    yield from _unprinted(pattern)
    yield from _collisions(pattern, templates)
    for language in pattern.languages:
        yield from try_pattern(pattern, language, templates)


def _unnamed(pattern: Pattern) -> Iterator[Finding]:
    named = {f"{pattern.name}/{_MANIFEST}"}
    for written in pattern.languages.values():
        named |= set(sources_of(written))
    for path, entry in walk(str(pattern.root / pattern.name), lambda *_: True, lambda *_: None):
        place = f"{pattern.name}/{path}"
        if place not in named and not entry.is_dir(follow_symlinks=False):
            fix = f"name it in {_MANIFEST}, or remove it"
            yield _broken("unnamed", place, None, "no manifest names it", fix)


def _unprinted(pattern: Pattern) -> Iterator[Finding]:
    manifest = f"{pattern.name}/{_MANIFEST}"
    text = read_source(pattern.root, manifest).decode("utf-8")
    said = {variable.option for variable in pattern.variables}
    for language, written in pattern.languages.items():
        files = (*written.parts, *written.function, *written.use, *written.foreign_use)
        used = said | {name for file in files for name in (file.when, file.unless)}
        words = {word for source in sources_of(written) for word in _words(pattern.root, source)}
        for option in pattern.options:
            if option.name not in used and _identifier(option) not in words:
                line = toml_line(text, f"options.{option.name}")
                message = f"no template prints the option {option.name!r} in {language}"
                fix = f"print it: {{{{ {_identifier(option)} | … }}}}; or remove it"
                yield _broken("unprinted", manifest, line, message, fix)


def _collisions(pattern: Pattern, templates: Templates) -> Iterator[Finding]:
    """Yield files that all functions have, or that another pattern of the root brings as well."""
    for language, written in pattern.languages.items():
        shared = (shared_files(language, templates, way) for way in BY_NAME[language].stores)
        others = {file.target: file.source for files in shared for file in files}
        for name in pattern_names(templates):
            if name != pattern.name:
                others |= _parts(name, language, templates)
        for file in (*written.parts, *written.function):
            if file.target in others:
                message = f"it makes {file.target}, and so does {others[file.target]}"
                yield _broken("collision", file.source, None, message, "give it another target")


def _parts(name: str, language: str, templates: Templates) -> dict[str, str]:
    root = next(root for root in templates.roots if (root / name / _MANIFEST).exists())
    try:
        written = read_pattern(name, root).languages.get(language)
    except KvgenError:
        return {}  # which is said of that pattern
    parts: tuple[TemplateFile, ...] = written.parts if written else ()
    return {file.target: file.source for file in parts}


def _without_manifest(root: Path) -> Iterator[Finding]:
    for place in sorted(root.iterdir()):
        if place.is_dir() and place.name[0] not in "._" and not (place / _MANIFEST).exists():
            fix = f"write a {_MANIFEST}; kvgen template new shows one"
            yield _broken("no-manifest", place.name, None, f"has no {_MANIFEST}", fix)


def _words(root: Path, source: str) -> set[str]:
    text = read_source(root, source).decode("utf-8", "replace")
    return set(_WORD.findall(" ".join(_TAG.findall(text)))) if source.endswith(".j2") else set()


def _identifier(option: Option) -> str:
    return option.name.replace("-", "_")


def _line_of_key(root: Path, manifest: str, message: str) -> int | None:
    """Return the line of what a complaint quotes, or else of the key or table that it names."""
    try:
        text = read_source(root, manifest).decode("utf-8")
    except (KvgenError, ValueError):
        return None
    lines = list(enumerate(text.splitlines(), start=1))
    for quoted in re.findall(r"'([^']+)'", message):
        names = {quoted, *re.findall(r"[^/]+/[^/]+/(.+)", quoted)}  # a source, from the root
        for number, line in lines:
            if any(f'"{name}"' in line for name in names) or line.startswith(f"[{quoted}."):
                return number
    for match in _KEY.finditer(message):
        table, _, key = match[0].rpartition(".")
        if found := toml_line(text, table, key) or toml_line(text, match[0]):
            return found
    return None


def _broken(rule: str, path: str, line: int | None, message: str, fix: str) -> Finding:
    level, why = _FACTS[rule]
    return Finding(Rule(rule, level, "kvgen", why), path, line, message, fix)
