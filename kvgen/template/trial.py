"""Makes functions of a pattern, with answers at the ends of each rule, and checks them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from itertools import zip_longest

from kvgen.check.finding import Finding, Level, Rule
from kvgen.check.folder import check_folder
from kvgen.check.tools import copied
from kvgen.errors import KvgenError
from kvgen.scaffold.disk import read_disk
from kvgen.scaffold.function import new_function
from kvgen.scaffold.model import Answers, Pattern, as_texts, encoded, is_wanted
from kvgen.scaffold.render import render, render_use
from kvgen.scaffold.roots import Templates
from kvgen.scaffold.sandbox import BadTemplateError
from kvgen.scaffold.words import shown
from kvgen.template.extremes import extremes

_FACTS = {
    "template": (Level.ERROR, "kvgen new and kvgen add fail with it."),
    "differs": (Level.ERROR, "A part goes into any function, and is the same in each of them."),
    "format": (Level.ERROR, "People get code that their own formatter would change."),
    "not-run": (Level.NOTE, "This part could not be checked here."),
}


def try_pattern(pattern: Pattern, language: str, templates: Templates) -> Iterator[Finding]:
    """Yield what is wrong with the functions that a pattern makes in a language, each once."""
    seen = set()
    for name, given in extremes(pattern):
        answers = new_function(pattern, language, name, given, templates)
        for finding in _look_over(pattern, answers):
            if (key := (finding.rule.name, finding.path, finding.line)) not in seen:
                seen.add(key)
                yield finding


def _look_over(pattern: Pattern, answers: Answers) -> Iterator[Finding]:
    try:
        files = render(answers)
        parts = {file.path: file.text for file in render(_elsewhere(answers))}
        for function in (answers, answers._replace(handler=None)):
            render_use(function, pattern)
    except BadTemplateError as error:
        place = error.place.removeprefix(f"{pattern.root}/")
        yield _broken("template", place, error.line, error.problem, error.hint or "correct it")
        return
    except KvgenError as error:
        place = f"{pattern.name}/pattern.toml"
        yield _broken("template", place, None, error.message, error.hint or "correct it")
        return
    texts = {file.path: file.text for file in files}
    sources = _sources(pattern, answers)
    for path, source in sources.items():
        if path in parts and parts[path] != texts[path]:
            message = "it changes with the function's name or handler"
            fix = "print options of the pattern and nothing else"
            yield _broken("differs", source, None, message, fix)
    yield from _checked(pattern, answers, texts, sources)


def _elsewhere(answers: Answers) -> Answers:
    """Return the same answers in a function of another name that another handler was made for."""
    return answers._replace(name="elsewhere", handler=None)


def _sources(pattern: Pattern, answers: Answers) -> dict[str, str]:
    """Return the template of each file that the pattern makes."""
    written = pattern.languages[answers.language]
    values = answers.patterns[pattern.name]
    files = (*written.parts, *written.function)
    return {file.target: file.source for file in files if is_wanted(file, values)}


def _checked(
    pattern: Pattern, answers: Answers, texts: Mapping[str, str], sources: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield what `kvgen check` and the language's formatter say, about the templates."""
    said = as_texts({**answers.common, **answers.patterns[pattern.name]})
    given = ", ".join(f"{name} = {shown(text)}" for name, text in said.items() if text)
    with copied({path: encoded(text) for path, text in texts.items()}) as folder:
        for found in check_folder(folder, answers.templates).findings:
            if found.rule.level is Level.ERROR:
                place = sources.get(found.path, f"{pattern.name}/pattern.toml")
                message = f"{found.place}: {found.message}, with {given}"
                yield replace(found, path=place, line=None, message=message)
        formatter = import_module(f"kvgen.languages.{answers.language}.format")
        try:
            formatter.reformat(folder)
        except KvgenError as error:
            yield _broken("not-run", pattern.name, None, error.message, error.hint or "see above")
        for path, content in read_disk(folder, sources).items():
            if changed := _first_change(texts[path], content):
                message = f"{path}:{changed}, with {given}"
                fix = f"move long values to their own lines; {formatter.COMMAND} shows how"
                yield _broken("format", sources[path], None, message, fix)


def _first_change(text: str, content: bytes) -> str | None:
    """Return the first line that a formatter has changed, and what has become of it."""
    formatted = content.decode("utf-8", "surrogateescape")
    pairs = zip_longest(text.split("\n"), formatted.split("\n"))
    for number, (before, after) in enumerate(pairs, start=1):
        if before != after and after == "":
            return f"{number}: an empty line, or the end of the last one, is missing"
        if before != after:
            return f"{number}: {shown(before or '')} is formatted as {shown(after or '')}"
    return None


def _broken(rule: str, path: str, line: int | None, message: str, fix: str) -> Finding:
    level, why = _FACTS[rule]
    return Finding(Rule(rule, level, "kvgen", why), path, line, message, fix)
