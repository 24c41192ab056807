"""Would this folder deploy: every rule, held to one folder."""

from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path

from kvgen.errors import KvgenError
from kvgen.scaffold.answers import check_language
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.check.deployment import check_deployment
from kvgen.scaffold.check.exposure import DOTENV, check_exposure
from kvgen.scaffold.check.finding import Finding, Report
from kvgen.scaffold.check.golang import check_go
from kvgen.scaffold.check.javascript import check_javascript
from kvgen.scaffold.check.manifest import check_manifest
from kvgen.scaffold.check.places import error_line
from kvgen.scaffold.check.pyproject import check_pyproject
from kvgen.scaffold.check.python import check_python
from kvgen.scaffold.check.rules import broken
from kvgen.scaffold.check.size import check_size
from kvgen.scaffold.check.sources import Sources
from kvgen.scaffold.check.tools import Find, check_with_tool
from kvgen.scaffold.lock import LOCK_FILE, parse_lock
from kvgen.scaffold.project import PROJECT_FILE, Project, parse_project

#: What tells a language where no kvgen.toml does, the surest first.
_SIGNS = {
    "javascript": ("index.js", "package.json"),
    "python": ("function/func.py", "function/__init__.py", "pyproject.toml"),
    "go": ("handler.go", "go.mod"),
}

_TYPESCRIPT = "index.ts"

_CHECKS: Mapping[str, tuple[Callable[[Sources], Iterator[Finding]], ...]] = {
    "javascript": (check_javascript,),
    "python": (check_python, check_pyproject),
    "go": (check_go,),
}


def check_folder(folder: Path, find: Mapping[str, Find]) -> Report:
    """Hold a folder to every rule. Nothing of it is run, and nothing is written.

    ``find`` has for a language how its own tool is found; without, that part is left out.
    Raises KvgenError where there is no folder.
    """
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "does not exist"
        raise KvgenError(f"{folder} {problem}", "name the folder of a function")
    sources = Sources(folder)
    project, findings = _read_project(sources)
    language = _language(sources, project)
    findings += check_manifest(sources)
    findings += check_deployment(sources, _binding(project))
    findings += check_exposure(sources)
    findings += check_size(sources)
    findings += _check_dotenv(sources)
    if language is None:
        findings.append(_no_language(sources))
    else:
        for check in _CHECKS[language]:
            findings += check(sources)
        findings += check_with_tool(sources, language, find)
    found = dict.fromkeys([*findings, *sources.problems])
    ordered = sorted(found, key=lambda f: (f.rule.level.rank, f.path, f.line or 0))
    return Report(folder, project.pattern if project else None, language, tuple(ordered))


def _read_project(sources: Sources) -> tuple[Project | None, list[Finding]]:
    findings = []
    project = None
    text = sources.text(PROJECT_FILE)
    if text is not None:
        try:
            project = parse_project(text)
            load_pattern(project.pattern)
            check_language(project.language)
        except (ValueError, KvgenError, RecursionError) as error:
            line = error_line(str(error))
            findings.append(broken("project", PROJECT_FILE, line, str(error), "mend it by hand"))
            project = None
    elif not sources.has(PROJECT_FILE):
        fix = "kvgen new makes a folder that has one"
        findings.append(broken("no-project", PROJECT_FILE, None, "does not exist", fix))
    lock = sources.text(LOCK_FILE)
    if lock is not None:
        try:
            parse_lock(lock)
        except (ValueError, RecursionError) as error:
            line = error_line(str(error))
            fix = f"take it from version control: git checkout {LOCK_FILE}"
            findings.append(broken("lock", LOCK_FILE, line, str(error), fix))
    return project, findings


def _language(sources: Sources, project: Project | None) -> str | None:
    if project:
        return check_language(project.language).name
    for rank in range(max(map(len, _SIGNS.values()))):
        for language, signs in _SIGNS.items():
            if rank < len(signs) and sources.has(signs[rank]):
                return language
    return None


def _no_language(sources: Sources) -> Finding:
    if sources.has(_TYPESCRIPT):
        fix = "see to its server, its port and /health yourself"
        return broken("not-run", _TYPESCRIPT, None, "TypeScript is not looked into", fix)
    message = "is no function in JavaScript, Python or Go"
    fix = "an entry point is index.js, function/func.py or handler.go"
    return broken("language", ".", None, message, fix)


def _binding(project: Project | None) -> str | None:
    return load_pattern(project.pattern).binding if project else None


def _check_dotenv(sources: Sources) -> Iterator[Finding]:
    text = sources.text(DOTENV)
    if text is None:
        return
    from dotenv.parser import parse_stream

    for binding in parse_stream(StringIO(text)):
        if binding.error:
            line = binding.original.line
            yield broken("dotenv", DOTENV, line, "is no NAME=VALUE", "mend the line")
