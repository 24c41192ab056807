"""Folders that are ready to deploy, to be broken one rule at a time."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kvgen.check.finding import Report
from kvgen.check.folder import check_folder
from kvgen.scaffold.add import plan_add
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.function import new_function
from tests.check.plain import UUID, write_plain
from tests.tools import NEWEST_TSC

Ready = Callable[..., Path]


@pytest.fixture(autouse=True)
def compiler(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a TypeScript compiler on PATH, with the types of Node beside it; returns its place."""
    place = tmp_path_factory.mktemp("bin")
    (place / "tsc").symlink_to(NEWEST_TSC)
    monkeypatch.setenv("PATH", str(place), prepend=os.pathsep)
    return place


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    """Return a small function by hand in a language, without a fault."""

    def written(language: str) -> Path:
        return write_plain(tmp_path / "ready", language)

    return written


_FILLED = {
    "origin": "https://api.example.org",
    "signing-key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
}


def scaffolded(
    folder: Path, language: str, *patterns: str, filled: bool = True, **more: str
) -> Path:
    """Make a function with some patterns, its placeholders filled in; returns the folder."""
    first, *others = patterns
    given = {"namespace-id": UUID} if filled else {}
    name = f"{first}-{language}"
    given |= _filled(first, filled) | more
    answers = new_function(load_pattern(first), language, name, given)
    apply_plan(folder, plan_new(folder, answers))
    for other in others:
        apply_plan(folder, plan_add(folder, load_pattern(other), _filled(other, filled)).plan)
    if filled:
        manifest = folder / "func.toml"
        text = manifest.read_text().replace("func_name", f'func_id = "{UUID}"\nfunc_name', 1)
        manifest.write_text(text)
    return folder


def _filled(pattern: str, filled: bool) -> dict[str, str]:
    """Return an answer for each option whose default is only a placeholder."""
    variables = load_pattern(pattern).variables if filled else ()
    return {variable.option: _FILLED[variable.stand_in] for variable in variables}


def checked(folder: Path) -> Report:
    """Check a folder with the real Node, tsc and Go."""
    return check_folder(folder)


def found(folder: Path, *, tools: bool = True) -> list[tuple[str, str, int | None]]:
    """Return the rules that a folder breaks, each with its place, worst first."""
    report = check_folder(folder, with_tools=tools)
    return [(finding.rule.name, finding.path, finding.line) for finding in report.findings]
