"""The hook for pre-commit and the lines for CI fail on drift, and on nothing else."""

import re
import shlex
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # comes with schemathesis

_ROOT = Path(__file__).parents[2]
_HOOKS = {
    hook["id"]: hook for hook in yaml.safe_load((_ROOT / ".pre-commit-hooks.yaml").read_text())
}


def _arguments(hook):
    name, *arguments = shlex.split(_HOOKS[hook]["entry"])
    assert name == "kvgen"
    return arguments


@pytest.mark.parametrize("hook", _HOOKS)
def test_hook_is_installed_from_the_repository_and_names_its_folders_itself(hook):
    assert _HOOKS[hook]["language"] == "python"
    assert _HOOKS[hook]["pass_filenames"] is False


def test_check_fails_on_drift_and_not_on_edits(kvgen, folder):
    check = _arguments("kvgen-check")
    (folder / "README.md").write_text("mine\n")
    assert kvgen(*check).exit_code == 0
    project = folder / "kvgen.toml"
    project.write_text(project.read_text().replace("24h", "1h"))
    (folder / "README.md").unlink()
    assert kvgen(*check).exit_code == 3
    assert kvgen(*_arguments("kvgen-regenerate")).exit_code == 0
    assert kvgen(*check, "function").exit_code == 0


def test_step_for_ci_in_the_readme_is_the_hook_of_the_same_name(kvgen, folder):
    readme = (_ROOT / "README.md").read_text()
    (step,) = re.findall(r"In CI, `(kvgen [^`]*)`", readme)
    name, *arguments = shlex.split(step)
    assert [name, *arguments] == ["kvgen", *_arguments("kvgen-check")]
    (folder / "handler.go").write_text((folder / "handler.go").read_text() + "// mine\n")
    assert kvgen(*arguments).exit_code == 0
    assert kvgen("regenerate", "--set", "ttl=1h").exit_code == 0
    (folder / "kvgen.toml").write_text((folder / "kvgen.toml").read_text().replace("1h", "2h"))
    assert kvgen(*arguments).exit_code == 3
