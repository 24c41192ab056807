"""What kvgen writes needs no fix-up, for default answers and at the ends of what is legal."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

from kvgen.languages.toolchains import find_go, find_node

_PRETTIER = Path(__file__).parents[2] / "build/tools/node_modules/prettier/bin/prettier.cjs"


def _complaints(*command, cwd=None, **environment):
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_javascript_is_as_prettier_writes_it(extreme_folders):
    folders = extreme_folders["javascript"]
    # Its own default is to look for .gitignore and .prettierignore from where it is started.
    assert not _complaints(find_node(), _PRETTIER, "--check", *folders, cwd=folders[0].parent)


def test_javascript_parses(extreme_folders):
    for folder in extreme_folders["javascript"]:
        for file in folder.glob("*.js"):
            assert not _complaints(find_node(), "--check", file)


def test_python_is_as_black_writes_it(extreme_folders):
    black = (sys.executable, "-m", "black", "--check", "--config", os.devnull)
    assert not _complaints(*black, *extreme_folders["python"])


def test_python_is_clean_under_ruff_and_strictly_typed(extreme_folders):
    default = extreme_folders["python"][0]
    rules = ("--select", "E,F,I,B,UP,SIM,RET", "--line-length", "88")
    ruff = (sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", *rules)
    assert not _complaints(*ruff, cwd=default)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "function")
    assert not _complaints(*mypy, cwd=default)


def test_python_imports_nothing_that_the_folder_does_not_declare(extreme_folders):
    for folder in extreme_folders["python"]:
        project = tomllib.loads((folder / "pyproject.toml").read_text())
        declared = {name.split(">")[0] for name in project["project"]["dependencies"]}
        declared |= {"yarl"}  # which is aiohttp's own type of a URL
        for file in (folder / "function").glob("*.py"):
            assert _imported(file) <= sys.stdlib_module_names | declared | {"function"}, file


def _imported(file):
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[0] for name in plain} | {
        (node.module or "function").split(".")[0]
        for node in nodes
        if isinstance(node, ast.ImportFrom) and not node.level
    }


def test_go_is_as_gofmt_writes_it(extreme_folders):
    # In a wheel, gofmt is not beside the command but in the root that the command knows.
    root = subprocess.check_output([find_go(), "env", "GOROOT"], text=True).strip()
    gofmt = Path(root) / "bin" / "gofmt"
    assert not subprocess.check_output([gofmt, "-l", *extreme_folders["go"]], text=True)


def test_go_vet_has_nothing_to_say(extreme_folders):
    for folder in extreme_folders["go"]:
        assert not _complaints(find_go(), "vet", "./...", cwd=folder, GOTOOLCHAIN="local")


def test_every_file_ends_with_one_line_end_and_has_no_trailing_space(extreme_folders):
    for folders in extreme_folders.values():
        for file in (file for folder in folders for file in folder.rglob("*") if file.is_file()):
            text = file.read_text(encoding="utf-8")
            assert text.endswith("\n"), file
            assert not text.endswith("\n\n"), file
            assert not any(line != line.rstrip() for line in text.splitlines()), file
