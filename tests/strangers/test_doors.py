"""Every module that touches a folder goes through the one door, and git through the other."""

import ast
from pathlib import Path

import pytest

_PACKAGE = Path(__file__).parents[2] / "kvgen"
_ROOMS = ("scaffold", "check", "docs")
#: These read kvgen's own templates, or write to a folder of their own in the temporary one.
_OWN = {
    *("scaffold/catalog.py", "scaffold/render.py", "scaffold/git.py"),
    *("docs/page.py", "docs/snippets.py", "check/tools.py"),
}
_CALLS = {
    "open",
    "fdopen",
    "read_bytes",
    "read_text",
    "write_bytes",
    "write_text",
    "walk",
    "rglob",
} | {
    *("glob", "unlink", "rename", "replace_file", "rmtree", "mkdir", "makedirs", "rmdir", "link"),
    *("symlink", "copy", "copy2", "copytree", "chmod", "chown", "mkdtemp", "scandir"),
}
_DOORS = {"link", "unlink", "walk", "open", "fdopen"}  # those of the door have these names too

_MODULES = sorted(
    path.relative_to(_PACKAGE)
    for path in _PACKAGE.rglob("*.py")
    if path.relative_to(_PACKAGE).parts[0] in _ROOMS or path.name == "check.py"
)


def _calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = (
                function.attr
                if isinstance(function, ast.Attribute)
                else getattr(function, "id", "")
            )
            yield name, ast.unparse(function)


@pytest.mark.parametrize("module", [m for m in _MODULES if str(m) not in _OWN], ids=str)
def test_module_opens_files_through_the_door(module):
    tree = ast.parse((_PACKAGE / module).read_text())
    doors = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kvgen.files")
        for alias in node.names
    }
    allowed = {*doors, "os.fdopen", "folder.open", "ast.walk"}
    found = {whole for name, whole in _calls(tree) if name in _CALLS and whole not in allowed}
    assert {whole for whole in found if not whole.endswith(".replace")} == set()


@pytest.mark.parametrize("path", sorted(_PACKAGE.rglob("*.py")), ids=str)
def test_git_is_started_in_one_place(path):
    texts = [n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)]
    assert "git" not in texts or path == _PACKAGE / "scaffold" / "git.py"


#: The door itself, what it is built on, and a question that click asks.
_TERMINAL = {"terminal.py": None, "failures.py": None, "picker.py": {"click.prompt"}}
_HIGHLIGHTED = {
    "show.py": {"click.echo"}
}  # in colours of a highlighter, from kvgen's own templates


@pytest.mark.parametrize("path", sorted((_PACKAGE / "cli").glob("*.py")), ids=lambda p: p.name)
def test_module_speaks_to_the_terminal_through_the_door(path):
    allowed = (_TERMINAL | _HIGHLIGHTED).get(path.name, set())
    if allowed is None:
        return
    said = {whole for _, whole in _calls(ast.parse(path.read_text()))}
    speaking = {"click.echo", "click.secho", "click.style", "click.prompt", "print"}
    assert said & speaking <= allowed
