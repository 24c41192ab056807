"""Checks a Python function's pyproject.toml against what the platform builds from."""

from collections.abc import Iterator, Mapping
from typing import Any

from kvgen.check.finding import Finding
from kvgen.check.positions import error_line, parse_toml, toml_line
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.scaffold.words import shown

PROJECT = "pyproject.toml"

_BACKEND = "hatchling.build"
_REQUIREMENTS = "requirements.txt"


def check_pyproject(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with pyproject.toml."""
    if sources.has(_REQUIREMENTS):
        message = "is beside pyproject.toml"
        fix = "move what it lists to [project].dependencies"
        yield broken("py-requirements", _REQUIREMENTS, None, message, fix)
    text = sources.text(PROJECT)
    if text is None:
        if not sources.has(PROJECT):
            fix = "`kvgen show session -l python pyproject.toml` prints one"
            yield broken("py-project", PROJECT, None, "does not exist", fix)
        return
    try:
        table = parse_toml(text)
    except ValueError as error:
        yield broken("py-project", PROJECT, error_line(str(error)), str(error), "correct the line")
        return
    build, project = (_table(table, key) for key in ("build-system", "project"))
    if project.get("name") != "function":
        line = toml_line(text, "project", "name") or toml_line(text, "project")
        name = project.get("name")
        message = f"the project's name is {shown(str(name))}" if name else "has no project name"
        fix = 'it has to be name = "function"; func.toml has the function\'s own'
        yield broken("py-name", PROJECT, line, message, fix)
    if build.get("build-backend") != _BACKEND:
        line = toml_line(text, "build-system", "build-backend") or toml_line(text, "build-system")
        message = f"the build backend is {shown(str(build.get('build-backend', 'not set')))}"
        fix = f'it has to be build-backend = "{_BACKEND}", with requires = ["hatchling"]'
        yield broken("py-backend", PROJECT, line, message, fix)
    yield from _check_dependencies(project, text)


def _check_dependencies(project: Mapping[str, Any], text: str) -> Iterator[Finding]:
    from packaging.requirements import InvalidRequirement, Requirement

    listed = project.get("dependencies", [])
    line = toml_line(text, "project", "dependencies")
    dynamic = project.get("dynamic", [])
    if isinstance(dynamic, list) and "dependencies" in dynamic:
        line = toml_line(text, "project", "dynamic")
        message = "the dependencies are dynamic"
        yield broken("py-dependencies", PROJECT, line, message, "list them in the file")
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        message = "project.dependencies is not a list of strings"
        fix = 'for example dependencies = ["aiohttp>=3.12"]'
        yield broken("py-dependencies", PROJECT, line, message, fix)
        return
    for entry in listed:
        try:
            Requirement(entry)
        except InvalidRequirement:
            message = f"the dependency {shown(entry)} is not one that pip can read"
            fix = 'for example "aiohttp>=3.12"'
            yield broken("py-dependencies", PROJECT, line, message, fix)


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = table.get(key, {})
    return found if isinstance(found, dict) else {}
