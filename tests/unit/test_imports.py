"""A command imports what it needs and no more: start-up time, held by name and not by the clock."""

import json
import os
import subprocess
import sys

import pytest

from kvgen.cli import COMMANDS

# Prints what a command has brought in beyond a bare interpreter, on the last line of stderr.
_PROBE = """
import sys
bare = set(sys.modules)
from kvgen.cli import main
try:
    main(sys.argv[1:], prog_name="kvgen")
finally:
    import json
    print(json.dumps(sorted(set(sys.modules) - bare)), file=sys.stderr)
"""

_CLICK = ("click",)
_RENDERING = (*_CLICK, "jinja2", "markupsafe")

# Parts of the standard library that cost as much as a package does; a dataclass costs seven times
# what a NamedTuple does, and the nouns of scaffolding would be a twentieth of `kvgen new`.
_HEAVY = {
    *("asyncio", "concurrent.futures", "dataclasses", "email", "http.client", "importlib.metadata"),
    *("importlib.resources", "logging", "multiprocessing", "sqlite3", "ssl", "subprocess"),
    *("unittest", "urllib.request", "zipfile"),
}


def _imported(*arguments, cwd, **environment):
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def _packages(modules):
    return {name.split(".")[0] for name in modules} - sys.stdlib_module_names - {"kvgen"}


@pytest.mark.parametrize(
    ("arguments", "packages"),
    [
        (["--help"], _CLICK),
        (["--version"], _CLICK),
        (["list"], _CLICK),
        (["list", "--json"], _CLICK),
        (["new", "--help"], _CLICK),
        (["new", "cache", "--help"], _CLICK),
        (["new", "session", "made", "-l", "go"], _RENDERING),
        (["new", "session", "made", "-l", "go", "--json"], _RENDERING),
        (["show", "session", "-l", "go"], _RENDERING),
        (["regenerate", "--check"], _RENDERING),
        (["add", "--help"], _CLICK),
        (["add", "flag", "--help"], _CLICK),
        (["add", "flag"], _RENDERING),
        (["add", "session"], _RENDERING),
        (["remove", "cache"], _RENDERING),
        (["kv", "--help"], _CLICK),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_command_imports_no_package_that_it_does_not_need(kvgen, arguments, packages, tmp_path):
    """In a folder with sessions and a cache, for those that work on one."""
    if arguments[0] in ("add", "remove", "regenerate"):
        for command in (["new", "session", ".", "-l", "go", "--name", "f"], ["add", "cache"]):
            assert kvgen(*command).exit_code == 0
    modules = _imported(*arguments, cwd=tmp_path)
    assert _packages(modules) == set(packages)
    assert not modules & _HEAVY


@pytest.mark.parametrize(
    "line",
    [
        *(f"kvgen {command} --" for command in COMMANDS if command != "docs"),
        "kvgen kv get ",
        "kvgen kv serve --",
        "kvgen new session -l ",
        "kvgen show session -l go ",
        "kvgen regenerate --set ",
        "kvgen regenerate --resolve ",
    ],
)
def test_completion_imports_no_package_but_click(kvgen, line, tmp_path):
    """Neither a server nor a renderer: a person waits for it."""
    assert kvgen("new", "session", ".", "-l", "go", "--name", "f").exit_code == 0
    asked = {"_KVGEN_COMPLETE": "bash_complete", "COMP_WORDS": line}
    modules = _imported(cwd=tmp_path, **asked)
    assert _packages(modules) <= {"click", "platformdirs"}  # where the KV's data lie
    assert not modules & {"asyncio", "subprocess", "ssl"}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_the_group_and_nothing_below_it(argument, tmp_path):
    own = {name for name in _imported(argument, cwd=tmp_path) if name.split(".")[0] == "kvgen"}
    assert own == {
        *("kvgen", "kvgen.cli", "kvgen.cli.failures", "kvgen.cli.lazy", "kvgen.cli.terminal"),
        *(("kvgen.cli.helping", "kvgen.cli.wrapping") if argument == "--help" else ()),
        "kvgen.errors",
    }
