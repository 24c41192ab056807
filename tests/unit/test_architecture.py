"""The rooms import only what they may; read from the source, so no import goes unseen."""

import ast
from pathlib import Path

import pytest

_PACKAGE = Path(__file__).parents[2] / "kvgen"
_MODULES = sorted(path.relative_to(_PACKAGE.parent) for path in _PACKAGE.rglob("*.py"))
_GROUND = {"kvgen", "kvgen.errors", "kvgen.durations"}

# The order in which data walks through the scaffold: no room imports a later one.
_WALK = [
    *("model", "literals", "answers", "catalog", "render"),
    *("project", "lock", "folders", "disk", "plan", "merge", "staging"),
    *("create", "request", "regenerate", "apply", "check", "docs"),
]


def _imports(module):
    tree = ast.parse((_PACKAGE.parent / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            yield from ({node.module} | {f"{node.module}.{alias.name}" for alias in node.names})


def _rooms_that(module):
    names = {name for name in _imports(module) if name.split(".")[0] == "kvgen"}
    return {name.split(".")[1] for name in names if name not in _GROUND and name.count(".") >= 1}


@pytest.mark.parametrize("module", [m for m in _MODULES if "cli" not in m.parts], ids=str)
def test_module_outside_cli_neither_imports_click_nor_prints_nor_exits(module):
    assert "click" not in {name.split(".")[0] for name in _imports(module)} or (
        module.name == "__main__.py"
    )
    tree = ast.parse((_PACKAGE.parent / module).read_text(encoding="utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"print", "exit", "sys.exit", "quit"}


@pytest.mark.parametrize(
    ("room", "allowed"),
    [
        ("scaffold", {"scaffold", "__version__"}),
        ("kv", {"kv", "__version__"}),
        ("dev", {"dev", "kv", "scaffold"}),
    ],
)
def test_room_imports_only_its_neighbours(room, allowed):
    for module in _MODULES:
        if module.parts[1] == room:
            assert _rooms_that(module) <= allowed | {"errors", "durations"}, module


def test_dev_takes_nothing_of_scaffold_but_the_project():
    for module in _MODULES:
        if module.parts[1] == "dev":
            taken = {name for name in _imports(module) if name.startswith("kvgen.scaffold")}
            assert all(
                "kvgen.scaffold.project".startswith(n) or n.startswith("kvgen.scaffold.project")
                for n in taken
            ), module


@pytest.mark.parametrize("name", _WALK)
def test_scaffold_module_looks_back_only(name):
    later = set(_WALK[_WALK.index(name) + 1 :])
    for module in (m for m in _MODULES if _place_in_the_walk(m) == name):
        taken = {n.split(".")[2] for n in _imports(module) if n.startswith("kvgen.scaffold.")}
        assert not taken & later


def test_every_scaffold_module_has_its_place_in_the_walk():
    present = {_place_in_the_walk(m) for m in _MODULES} - {None, "__init__"}
    assert present == set(_WALK)


def _place_in_the_walk(module):
    """Return the name of a module of the scaffold, or of the folder there that it stands in."""
    return module.parts[2].removesuffix(".py") if module.parts[1] == "scaffold" else None


_LONGEST_MODULE = 200
_LONGEST_FUNCTION = 45  # a command's are its options, one a line


def test_rooms_stay_small():
    for path in sorted(_PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= _LONGEST_MODULE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                length = node.end_lineno - node.lineno + 1
                assert length <= _LONGEST_FUNCTION, f"{path}: {node.name}"
