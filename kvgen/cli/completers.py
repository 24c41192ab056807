"""Words that a shell may offer next. Words that take long to find are not offered."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from kvgen.cli.overlay import around, environment_and
from kvgen.errors import KvgenError
from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.answers import check_language, check_options
from kvgen.scaffold.catalog import load_pattern, pattern_names, shared_files
from kvgen.scaffold.common import ALL_COMMON, common_options
from kvgen.scaffold.model import Option, Pattern, is_wanted
from kvgen.scaffold.roots import Templates

Completer = Callable[[click.Context, click.Parameter, str], list[str]]

_MOST_KEYS = 100


def _completer(words: Callable[[click.Context, str], Iterator[str]]) -> Completer:
    """Make a completion callback for click from a function that returns words."""

    @functools.wraps(words)
    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        try:
            return [word for word in words(ctx, incomplete) if word.startswith(incomplete)]
        except (KvgenError, OSError):  # a shell has no place for the reason
            return []

    return complete


@_completer
def patterns(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer the patterns."""
    yield from pattern_names(_templates_of(ctx))


@_completer
def languages(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer the languages."""
    yield from (language.name for language in LANGUAGES)


def choices(option: Option) -> Completer:
    """Return what offers the values that an option has to choose from."""
    return _completer(lambda ctx, incomplete: iter(option.choices))


@_completer
def files_of_pattern(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer the files of the pattern in the language that stand before, with default answers."""
    pattern = _pattern_of(ctx)
    language = check_language(ctx.params.get("language") or "").name
    written, values = pattern.languages[language], check_options(pattern.options, {})
    own = [file for file in (*written.parts, *written.function) if is_wanted(file, values)]
    yield from sorted(file.target for file in (*shared_files(language), *own))


@_completer
def settings_of_pattern(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer OPTION=VALUE for the pattern that stands before."""
    options = (*_pattern_of(ctx).options, *ALL_COMMON)
    yield from _settings({option.name: option for option in options}, incomplete)


@_completer
def settings_of_folder(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer OPTION=VALUE for the function of the folder that stands before, or of this one."""
    from kvgen.scaffold.project import read_project

    folder = _folder_of(ctx)
    templates = around(_templates_of(ctx), folder)
    project = read_project(folder)
    dotted = {
        f"{name}.{option.name}": option
        for name in project.patterns
        for option in load_pattern(name, templates).options
    }
    names = Counter(option.name for option in dotted.values())
    # A name that two patterns have is ambiguous.
    plain = {option.name: option for option in dotted.values() if names[option.name] == 1}
    common = {o.name: o for o in common_options(check_language(project.language))}
    yield from _settings(plain | dotted | common, incomplete)


@_completer
def resolutions(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer FILE=SIDE for the files that kvgen wrote into the folder."""
    from kvgen.scaffold.lock import read_lock
    from kvgen.scaffold.side import Side

    path, equals, _ = incomplete.rpartition("=")
    if equals:
        yield from (f"{path}={side.value}" for side in Side)
    elif lock := read_lock(_folder_of(ctx)):
        yield from (f"{name}=" for name in lock.texts)


@_completer
def keys(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Offer the keys of the embedded KV, running or not; the real one would take too long."""
    from kvgen.cli.kv_options import database
    from kvgen.kv.location import DEV_NAMESPACE
    from kvgen.kv.store import Store

    data: Path | None = ctx.params.get("data")
    path = data or database()
    if ctx.params.get("remote") or ctx.params.get("store") or not path.exists():
        return
    store = Store(path)
    try:
        namespace = store.ensure_namespace(DEV_NAMESPACE)
        found = store.keys(namespace, incomplete, limit=_MOST_KEYS)
    finally:
        store.close()
    yield from (info.key for info in found)


def _pattern_of(ctx: click.Context) -> Pattern:
    name = ctx.params.get("pattern") or next(_before_an_option(ctx), "")
    return load_pattern(name, _templates_of(ctx))


def _templates_of(ctx: click.Context) -> Templates:
    """Return where patterns are looked up, from this folder."""
    return around(ctx.params.get("templates") or environment_and(None), Path())


def _folder_of(ctx: click.Context) -> Path:
    paths: tuple[Path, ...] | None = ctx.params.get("paths")
    return paths[0] if paths else Path(next(_before_an_option(ctx), "."))


def _before_an_option(ctx: click.Context) -> Iterator[str]:
    """Yield the arguments that click does not assign where an option lacks its value."""
    yield from ctx.args


def _settings(options: Mapping[str, Option], incomplete: str) -> Iterator[str]:
    name, equals, _ = incomplete.partition("=")
    if not equals:
        yield from (f"{known}=" for known in options)
    elif name in options:
        yield from (f"{name}={choice}" for choice in options[name].choices)
