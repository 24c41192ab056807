"""Checks one folder against every rule."""

from collections.abc import Iterator
from importlib import import_module
from io import StringIO
from pathlib import Path

from kvgen.check.exposure import DOTENV, check_exposure
from kvgen.check.finding import Finding, Report
from kvgen.check.manifest import check_manifest
from kvgen.check.positions import error_line
from kvgen.check.rules import broken
from kvgen.check.size import check_size
from kvgen.check.sources import Sources
from kvgen.check.todos import check_deployment
from kvgen.errors import KvgenError
from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.function import check_project
from kvgen.scaffold.lock import LOCK_FILE, parse_lock
from kvgen.scaffold.model import Answers
from kvgen.scaffold.project import PROJECT_FILE, parse_project
from kvgen.scaffold.roots import OWN, Templates


def check_folder(folder: Path, templates: Templates = OWN, *, with_tools: bool = True) -> Report:
    """Check a folder against every rule. Runs none of its code and writes nothing.

    ``templates`` are where to look for patterns besides its own. ``with_tools`` puts it to its
    language's own compiler or parser too. Raises KvgenError if there is no folder.
    """
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "does not exist"
        raise KvgenError(f"{folder} {problem}", "name the folder of a function")
    sources = Sources(folder)
    answers, findings = _read_project(sources, templates)
    language = answers.language if answers else _language(sources)
    findings += check_manifest(sources)
    findings += check_deployment(sources, answers)
    findings += check_exposure(sources)
    findings += check_size(sources)
    findings += _check_dotenv(sources)
    if language is None:
        findings.append(_no_language())
    else:
        findings += _check_language(sources, language, with_tools)
    found = dict.fromkeys([*findings, *sources.problems])
    ordered = sorted(found, key=lambda f: (f.rule.level.rank, f.path, f.line or 0))
    patterns = tuple(answers.patterns) if answers else ()
    return Report(folder, patterns, language, tuple(ordered))


def _check_language(sources: Sources, language: str, with_tools: bool) -> Iterator[Finding]:
    module = import_module(f"kvgen.languages.{language}.check")
    yield from module.check(sources)
    if not with_tools:
        return
    try:
        yield from module.check_with_tool(sources)
    except KvgenError as error:
        yield broken("not-run", ".", None, error.message, error.hint or "see above")


def _read_project(sources: Sources, templates: Templates) -> tuple[Answers | None, list[Finding]]:
    findings = []
    answers = None
    text = sources.text(PROJECT_FILE)
    if text is not None:
        try:
            answers = check_project(sources.root, parse_project(text), templates)
        except (ValueError, KvgenError, RecursionError) as error:
            message = str(error).removeprefix(f"{sources.root / PROJECT_FILE}: ")
            line = error_line(message)
            hint = error.hint if isinstance(error, KvgenError) else None
            fix = hint or "correct it by hand"
            findings.append(broken("project", PROJECT_FILE, line, message, fix))
    elif not sources.has(PROJECT_FILE):
        fix = "kvgen add brings one, with the first pattern"
        findings.append(broken("no-project", PROJECT_FILE, None, "does not exist", fix))
    lock = sources.text(LOCK_FILE)
    if lock is not None:
        try:
            parse_lock(lock)
        except (ValueError, RecursionError) as error:
            line = error_line(str(error))
            fix = f"restore it from version control: git checkout {LOCK_FILE}"
            findings.append(broken("lock", LOCK_FILE, line, str(error), fix))
    return answers, findings


def _language(sources: Sources) -> str | None:
    for rank in range(max(len(language.entries) for language in LANGUAGES)):
        for language in LANGUAGES:
            if rank < len(language.entries) and sources.has(language.entries[rank]):
                return language.name
    return None


def _no_language() -> Finding:
    *others, last = (language.title for language in LANGUAGES)
    message = f"is not a function in {', '.join(others)} or {last}"
    fix = f"an entry point is one of {', '.join(language.entries[0] for language in LANGUAGES)}"
    return broken("language", ".", None, message, fix)


def _check_dotenv(sources: Sources) -> Iterator[Finding]:
    text = sources.text(DOTENV)
    if text is None:
        return
    from dotenv.parser import parse_stream

    for binding in parse_stream(StringIO(text)):
        if binding.error:
            line = binding.original.line
            yield broken("dotenv", DOTENV, line, "is not NAME=VALUE", "correct the line")
