"""The rooms import only what they may; read from the source, so no import goes unseen."""

import ast
from pathlib import Path

import pytest

from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.catalog import pattern_names

_PACKAGE = Path(__file__).parents[2] / "kvgen"
_MODULES = sorted(path.relative_to(_PACKAGE.parent) for path in _PACKAGE.rglob("*.py"))
_GROUND = {"kvgen", "kvgen.__version__", "kvgen.errors", "kvgen.durations", "kvgen.quoting"}
_GROUND |= {"kvgen.toml"}
_CHECKS_NOUNS = {f"kvgen.check.{name}" for name in ("finding", "positions", "rules", "sources")}

_RUNNING = {"kvgen.languages.kept", "kvgen.languages.run", "kvgen.languages.toolchains"}

# What a room takes of the others: whole rooms, or modules of theirs by name.
_NEIGHBOURS = {
    "files": set(),
    "scaffold": {"kvgen.files", "kvgen.languages.describe", "kvgen.languages.language"},
    "languages": {
        "kvgen.files",
        *_CHECKS_NOUNS,
        "kvgen.check.tokens",
        "kvgen.check.tools",
        "kvgen.scaffold.words",
    },
    "check": {"kvgen.files", "kvgen.languages.describe", "kvgen.scaffold"},
    "template": {
        "kvgen.check",
        "kvgen.files",
        "kvgen.languages.describe",
        "kvgen.scaffold",
    },
    "docs": {"kvgen.files", "kvgen.languages.describe", "kvgen.scaffold"},
    "kv": set(),
    "console": {"kvgen.kv", "kvgen.dev.events", "kvgen.dev.tap"},
    "dev": {"kvgen.files", "kvgen.kv", "kvgen.languages.kept", "kvgen.languages.run"},
}

# The order in which data walks through the scaffold: no module imports a later one.
_WALK = [
    *("words", "side", "roots", "model", "disk", "literals", "filters"),
    *("kinds", "answers", "common", "keys"),
    *("targets", "tables", "manifest", "catalog", "sandbox", "render"),
    *(
        "project",
        "edits",
        "function",
        "folders",
        "lock",
        "plan",
        "manifests",
        "git",
        "merge",
        "staging",
    ),
    *("create", "settings", "regenerate", "foreign", "add", "swaps", "apply"),
]


def _imports(module):
    """Return the modules that one imports, with what it takes of a package as modules too."""
    tree = ast.parse((_PACKAGE.parent / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module
            assert node.level == 0, f"{module} imports relatively"
            yield node.module
            place = _PACKAGE.parent / node.module.replace(".", "/")
            found = (alias.name for alias in node.names if (place / f"{alias.name}.py").exists())
            yield from (f"{node.module}.{name}" for name in found)


def _room(module):
    return module.parts[1] if len(module.parts) > 2 else None


def _is_in(name, rooms):
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@pytest.mark.parametrize("module", [m for m in _MODULES if _room(m) != "cli"], ids=str)
def test_module_outside_cli_neither_imports_click_nor_prints_nor_exits(module):
    assert "click" not in {name.split(".")[0] for name in _imports(module)}
    tree = ast.parse((_PACKAGE.parent / module).read_text(encoding="utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"print", "exit", "sys.exit", "quit"}


def test_rooms_are_those_of_the_plan():
    assert {_room(module) for module in _MODULES} == {None, "cli", *_NEIGHBOURS}


@pytest.mark.parametrize("module", [m for m in _MODULES if _room(m) in _NEIGHBOURS], ids=str)
def test_module_imports_its_own_room_and_what_that_may(module):
    room = _room(module)
    packages = {"kvgen.check"} if room == "languages" else set()  # `from kvgen.check import tokens`
    taken = {name for name in _imports(module) if name.split(".")[0] == "kvgen"}
    allowed = {f"kvgen.{room}", *_NEIGHBOURS[room]}
    assert {name for name in taken - _GROUND - packages if not _is_in(name, allowed)} == set()


@pytest.mark.parametrize("module", [m for m in _MODULES if _room(m) is None], ids=str)
def test_ground_floor_imports_nothing_of_the_house(module):
    taken = {name for name in _imports(module) if name.split(".")[0] == "kvgen"}
    assert taken == ({"kvgen.cli"} if module.name == "__main__.py" else set())


_BECOMES = {"typescript": "javascript"}


@pytest.mark.parametrize("language", [language.name for language in LANGUAGES])
def test_language_is_a_package_whose_description_needs_neither_its_runner_nor_its_checker(language):
    package = Path("kvgen", "languages", language)
    # TypeScript is run and checked as the JavaScript that it becomes.
    own = {f"kvgen.languages.{name}" for name in (language, _BECOMES.get(language)) if name}
    for name, allowed in {
        "describe": {"kvgen.languages.language", "kvgen.quoting"},
        "run": {*own, *_RUNNING},
        "check": {*own, "kvgen.check", *_RUNNING} | _NEIGHBOURS["languages"],
        "format": own | _RUNNING | _NEIGHBOURS["languages"],
    }.items():
        taken = {n for n in _imports(package / f"{name}.py") if n.split(".")[0] == "kvgen"}
        assert {n for n in taken - {"kvgen.errors"} if not _is_in(n, allowed)} == set(), name


def test_nothing_compares_with_the_name_of_a_language_or_of_a_pattern():
    names = {*(language.name for language in LANGUAGES), *pattern_names()}
    for module in _MODULES:
        tree = ast.parse((_PACKAGE.parent / module).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            operands = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
            parts = [part for operand in operands for part in ast.walk(operand)]
            found = {part.value for part in parts if isinstance(part, ast.Constant)}
            # The demo picks out its functions by what they were made from.
            assert not found & names or module.stem.startswith("demo"), module


@pytest.mark.parametrize("name", _WALK)
def test_scaffold_module_looks_back_only(name):
    later = set(_WALK[_WALK.index(name) + 1 :])
    module = Path("kvgen", "scaffold", f"{name}.py")
    taken = {n.split(".")[2] for n in _imports(module) if n.startswith("kvgen.scaffold.")}
    assert not taken & later


def test_every_scaffold_module_has_its_place_in_the_walk():
    present = {module.stem for module in _MODULES if _room(module) == "scaffold"}
    assert present == {*_WALK, "__init__"}


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
