"""A pattern and answers to files in memory. Pure, given the templates."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from kvgen.scaffold import literals
from kvgen.scaffold.catalog import templates_root
from kvgen.scaffold.literals import Literal
from kvgen.scaffold.model import (
    NAMESPACE_PLACEHOLDER,
    Answers,
    Duration,
    Pattern,
    RenderedFile,
    TemplateFile,
)

_HOLE = re.compile(r"\{[{%#]")
_WORD = re.compile(r"\w+")


def render(
    pattern: Pattern, answers: Answers, root: Path | None = None
) -> tuple[RenderedFile, ...]:
    """Render every file of the pattern in the answers' language, sorted by path."""
    root = root or templates_root()
    context = _context(pattern, answers)
    return tuple(
        _rendered(file, root, names and tuple([(name, context[name]) for name in names]))
        for file, names in _holes(pattern.files[answers.language], root, tuple(context))
    )


@cache
def _holes(
    files: tuple[TemplateFile, ...], root: Path, names: tuple[str, ...]
) -> list[tuple[TemplateFile, tuple[str, ...] | None]]:
    """Return the files, sorted by path, each with those of the names that it may print.

    What a template does not even mention it cannot print. A file without a hole has None: half of
    the templates have their suffix for a reason of packaging, and compiling those would be a tenth
    of the time that `kvgen new` takes.
    """
    found: list[tuple[TemplateFile, tuple[str, ...] | None]] = []
    for file in sorted(files, key=lambda file: file.target):
        text = _source(root, file.source)
        if file.source.endswith(".j2") and _HOLE.search(text):
            words = set(_WORD.findall(text))
            found.append((file, tuple(filter(words.__contains__, names))))
        else:
            found.append((file, None))
    return found


@lru_cache(maxsize=512)
def _rendered(
    file: TemplateFile, root: Path, values: tuple[tuple[str, object], ...] | None
) -> RenderedFile:
    """Render a file, in a run over many folders once for all that answered it the same."""
    if values is None:
        return RenderedFile(file.target, _source(root, file.source))
    return RenderedFile(file.target, _template(root, file.source).render(dict(values)))


@cache
def _template(root: Path, source: str) -> Template:
    return _environment(root).get_template(source)


@cache
def _source(root: Path, source: str) -> str:
    return (root / source).read_text(encoding="utf-8")


def _context(pattern: Pattern, answers: Answers) -> dict[str, object]:
    values: dict[str, object] = {
        name.replace("-", "_"): value for name, value in answers.values.items()
    }
    return values | {
        "name": answers.name,
        "package_name": answers.name.lower(),
        "namespace_id": answers.values["namespace-id"] or NAMESPACE_PLACEHOLDER,
        "binding": Literal(pattern.binding),
        "title": Literal(pattern.title),
    }


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
    filters = (
        literals.js,
        literals.py,
        literals.go,
        literals.toml,
        literals.json,
        literals.dotenv,
        literals.sh,
        literals.code,
        seconds,
        human,
        truth,
        py_truth,
    )
    environment.filters = {function.__name__: function for function in filters}
    return environment


def _only_literals(value: Any) -> Any:
    """Refuse to print what no literal filter has quoted: an answer is data until then."""
    # Jinja hands over an undefined name as well; its own complaint says more than ours.
    if isinstance(value, Literal | StrictUndefined):
        return value
    raise TypeError(f"a template prints {value!r} without a literal filter")


def seconds(duration: Duration) -> Literal:
    """Write a duration as a whole number of seconds."""
    return Literal(duration.seconds)


def truth(choice: str) -> Literal:
    """Write ``on`` or ``off`` as JavaScript's or Go's true or false."""
    return Literal("true" if choice == "on" else "false")


def py_truth(choice: str) -> Literal:
    """Write ``on`` or ``off`` as Python's True or False."""
    return Literal("True" if choice == "on" else "False")


def human(duration: Duration) -> Literal:
    """Write a duration for a comment: ``24 hours``, ``5 minutes``, ``10 days``."""
    # Days only from two up: "24 hours" is how people say a day's lifetime.
    for unit, length, least in (("day", 86400, 2), ("hour", 3600, 1), ("minute", 60, 1)):
        count, rest = divmod(duration.seconds, length)
        if count >= least and not rest:
            return Literal(f"{count} {unit}{'' if count == 1 else 's'}")
    return Literal(f"{duration.seconds} second{'' if duration.seconds == 1 else 's'}")
