"""Folders that are ready to deploy, to be broken one rule at a time."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kvgen.dev.toolchains import find_go, find_node
from kvgen.scaffold.check.finding import Report
from kvgen.scaffold.check.folder import check_folder

_GENERATED = Path(__file__).parents[2] / "generated"
_PLACEHOLDER = 'KV_NAMESPACE_ID = "REPLACE-WITH-NAMESPACE-ID"'
_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

Ready = Callable[..., Path]


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    """Return a copy of an example with its placeholders filled in."""

    def copied(language: str, pattern: str = "session") -> Path:
        folder = tmp_path / "ready"
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".pytest_cache")
        shutil.copytree(_GENERATED / pattern / language, folder, ignore=ignored)
        manifest = folder / "func.toml"
        text = manifest.read_text().replace(_PLACEHOLDER, f'KV_NAMESPACE_ID = "{_UUID}"')
        text = text.replace("func_name", f'func_id = "{_UUID}"\nfunc_name', 1)
        manifest.write_text(text.replace("api.example.com", "api.example.org"))
        return folder

    return copied


def checked(folder: Path) -> Report:
    """Check a folder with the real Node and the real Go."""
    return check_folder(folder, {"javascript": find_node, "go": find_go})


def found(folder: Path, *, tools: bool = True) -> list[tuple[str, str, int | None]]:
    """Return the rules that a folder breaks, each with its place, worst first."""
    report = checked(folder) if tools else check_folder(folder, {})
    return [(finding.rule.name, finding.path, finding.line) for finding in report.findings]
