"""What kvgen writes needs no fix-up, for default answers and at the ends of what is legal."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kvgen.languages.toolchains import find_go, find_node
from tests.tools import NEWEST_TSC, PACKAGES, PRETTIER, RUNTIME_TYPES, TSC


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


@pytest.mark.parametrize("language", ["javascript", "typescript", "bound"])
def test_code_is_as_prettier_writes_it(extreme_folders, language):
    folders = extreme_folders[language]
    paths = [path for folder in folders for path in folder.rglob("*.*") if path.is_file()]
    once = {(path.name, path.read_bytes()): path for path in paths}.values()
    options = ("--check", "--ignore-unknown")
    # Its own default is to look for .gitignore and .prettierignore from where it is started.
    assert not _complaints(find_node(), PRETTIER, *options, *once, cwd=folders[0].parent)


_PARSED = """
import fs from "node:fs";
import vm from "node:vm";
for (const path of process.argv.slice(1)) {
  new vm.SourceTextModule(fs.readFileSync(path, "utf8"), { identifier: path });
}
"""


def test_javascript_parses(extreme_folders, tmp_path):
    files = [file for folder in extreme_folders["javascript"] for file in folder.glob("*.js")]
    options = ("--experimental-vm-modules", "--input-type=module", "--eval", _PARSED)
    assert not _complaints(find_node(), *options, "--", *files)
    broken = tmp_path / "broken.js"
    broken.write_text("const = 1;\n")
    assert f"{broken}:1" in _complaints(find_node(), *options, "--", *files, broken)


@pytest.mark.parametrize("language", ["typescript", "bound"])
def test_typescript_is_clean_under_the_compiler_that_it_asks_for_and_the_newest(
    extreme_folders, tmp_path, language
):
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    shutil.copy(RUNTIME_TYPES, tmp_path)
    for folder in extreme_folders[language]:
        shutil.copytree(folder, tmp_path / folder.name)
    for name in ("tsconfig.json", "tsconfig.test.json"):
        assert len({path.read_bytes() for path in tmp_path.glob(f"*/{name}")}) == 1
    # All in one run, which reads the types of Node once.
    shutil.copy(tmp_path / folder.name / "tsconfig.json", tmp_path)
    settings = json.loads((tmp_path / folder.name / "tsconfig.test.json").read_text())
    sources = {"include": ["*.ts", "*/*.ts"]}
    (tmp_path / "tsconfig.test.json").write_text(json.dumps(settings | sources))
    for compiler in (NEWEST_TSC, TSC):
        assert not _complaints(find_node(), compiler, "-p", "tsconfig.test.json", cwd=tmp_path)
    with (tmp_path / folder.name / "handler.ts").open("a") as handler:
        handler.write("export const count: number = 'one';\n")
    assert "handler.ts" in _complaints(
        find_node(), NEWEST_TSC, "-p", "tsconfig.test.json", cwd=tmp_path
    )


def test_typescript_is_built_without_its_tests_and_its_types_hide_nothing(
    extreme_folders, tmp_path
):
    default = extreme_folders["typescript"][0]
    shutil.copytree(default, tmp_path / "function")
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    assert not _complaints(find_node(), TSC, cwd=tmp_path / "function")
    built = {path.stem for path in (tmp_path / "function" / "dist").iterdir()}
    sources = {path.stem for path in default.glob("*.ts")}
    assert built == {name for name in sources if "test" not in name and "fake" not in name}
    for folder in (*extreme_folders["typescript"], *extreme_folders["bound"]):
        for file in folder.glob("*.ts"):
            code = re.sub(r"//[^\n]*|/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
            assert not re.search(r"[:<|] *any\b|\bas any\b|as unknown as|@ts-", code), file
            is_test = "test" in file.name or "fake" in file.name
            assert is_test or not re.search(r"[\w)\]]!(?!=)", code), file


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
