"""Checks the entry point of a Python function, the package `function`."""

import ast
import warnings
from collections.abc import Iterator

from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.languages.python.pyproject import check_pyproject

PACKAGE = "function"
ENTRY = f"{PACKAGE}/func.py"
INIT = f"{PACKAGE}/__init__.py"

_SHAPE = "async def handle(self, scope, receive, send)"
_ADD_NEW = f"add `def new():`, which returns an object with `{_SHAPE}`"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def check(sources: Sources) -> Iterator[Finding]:
    """Yield what is wrong with the package, its entry point first, and with pyproject.toml."""
    yield from _check_package(sources)
    yield from check_pyproject(sources)


def check_with_tool(sources: Sources) -> Iterator[Finding]:
    """Yield nothing: Python's own parser has read everything already."""
    yield from ()


def _check_package(sources: Sources) -> Iterator[Finding]:
    trees: dict[str, ast.Module] = {}
    for path in sources.paths:
        if path.startswith(f"{PACKAGE}/") and path.endswith(".py"):
            text = sources.text(path)
            parsed = None if text is None else _parse(text, path)
            if isinstance(parsed, ast.Module):
                trees[path] = parsed
            elif parsed:
                yield parsed
    if not sources.has(ENTRY):
        yield broken("py-entry", ENTRY, None, "does not exist", _ADD_NEW)
    elif ENTRY in trees:
        yield from _check_entry(trees[ENTRY])
    if not sources.has(INIT):
        fix = "it says `from function.func import new`"
        yield broken("py-export", INIT, None, "does not exist", fix)
    elif INIT in trees and _binding(trees[INIT], "new") is None:
        fix = "add `from function.func import new`"
        yield broken("py-export", INIT, None, "has no `new`", fix)
    for path, tree in trees.items():
        yield from _check_imports(sources, path, tree)


def _parse(text: str, path: str) -> ast.Module | Finding:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return broken("py-syntax", path, error.lineno, error.msg, "correct the line")
    except (ValueError, RecursionError, MemoryError) as error:
        message = str(error) or "is nested too deeply"
        return broken("py-syntax", path, None, message, "correct the file")


def _check_entry(tree: ast.Module) -> Iterator[Finding]:
    new = _binding(tree, "new")
    if new is None:
        yield broken("py-new", ENTRY, None, "has no `new` at module level", _ADD_NEW)
    elif isinstance(new, ast.AsyncFunctionDef):
        message = "`new` is a coroutine, which the platform does not await"
        yield broken("py-new", ENTRY, new.lineno, message, "remove the `async`")
    elif isinstance(new, ast.FunctionDef) and _required(new.args):
        message = f"`new` asks for {', '.join(_required(new.args))}"
        yield broken("py-new", ENTRY, new.lineno, message, "give each a default")
    elif isinstance(new, ast.FunctionDef):
        for returned in _returned_classes(new, tree):
            yield from _check_class(returned)
    elif isinstance(new, ast.ClassDef):
        yield from _check_class(new)


def _check_class(found: ast.ClassDef) -> Iterator[Finding]:
    handle = _binding(found, "handle")
    fix = f"it has to be `{_SHAPE}`"
    if handle is None:
        if not found.bases and not _sets_itself(found, "handle"):
            message = f"{found.name} has no method `handle`"
            yield broken("py-handle", ENTRY, found.lineno, message, f"add `{_SHAPE}`")
    elif isinstance(handle, ast.FunctionDef):
        message = f"{found.name}.handle is not a coroutine"
        yield broken("py-handle", ENTRY, handle.lineno, message, fix)
    elif isinstance(handle, ast.AsyncFunctionDef) and not _takes(handle.args, 4):
        message = f"{found.name}.handle does not take scope, receive and send"
        yield broken("py-handle", ENTRY, handle.lineno, message, fix)
    for hook, count in (("start", 2), ("stop", 1)):
        method = _binding(found, hook)
        if isinstance(method, ast.AsyncFunctionDef):
            message = f"{found.name}.{hook} is a coroutine, which the platform does not await"
            fix = "remove the `async`; asyncio.get_running_loop().create_task() works there"
            yield broken("py-hook", ENTRY, method.lineno, message, fix)
        elif isinstance(method, ast.FunctionDef) and not _takes(method.args, count):
            wanted = "self, cfg" if hook == "start" else "self"
            message = f"{found.name}.{hook} takes other arguments than the platform gives"
            fix = f"it has to be `def {hook}({wanted})`"
            yield broken("py-hook", ENTRY, method.lineno, message, fix)


def _sets_itself(found: ast.ClassDef, name: str) -> bool:
    """Whether a method of a class assigns to this attribute of an object, as `__init__` may."""
    targets = (node for node in ast.walk(found) if isinstance(node, ast.Attribute))
    return any(t.attr == name and isinstance(t.ctx, ast.Store) for t in targets)


def _returned_classes(new: ast.FunctionDef, tree: ast.Module) -> Iterator[ast.ClassDef]:
    """Yield the classes that `new` makes its result of, as far as they stand in the module."""
    for node in ast.walk(new):
        value = node.value if isinstance(node, ast.Return) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            found = _binding(tree, value.func.id)
            if isinstance(found, ast.ClassDef):
                yield found


def _check_imports(sources: Sources, path: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        for module in _own_modules(node, path):
            place = module.replace(".", "/")
            endings = (".py", "/__init__.py", "")
            # That the entry point itself is missing has been said.
            if f"{place}.py" != ENTRY and not any(sources.has(place + end) for end in endings):
                message = f"imports {module}, which does not exist"
                yield broken("py-import", path, getattr(node, "lineno", None), message, "add it")


def _own_modules(node: ast.AST, path: str) -> list[str]:
    """Return those modules of the package that a statement imports, by their full names."""
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level:
        above = path.removesuffix(".py").split("/")[: -node.level]
        names = [".".join([*above, *filter(None, [node.module])])]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    return [name for name in names if name.split(".")[0] == PACKAGE]


def _binding(scope: ast.Module | ast.ClassDef, name: str) -> ast.stmt | None:
    """Return the last statement of a scope that gives a name its meaning, also below ``if``."""
    found = None
    for node in _statements(scope.body):
        if isinstance(node, _Function | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [
                t.id for target in targets for t in ast.walk(target) if isinstance(t, ast.Name)
            ]
        else:
            continue
        found = node if name in names or "*" in names else found
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _statements(node.body)
            yield from _statements(getattr(node, "orelse", []))
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _required(arguments: ast.arguments) -> list[str]:
    positional = [*arguments.posonlyargs, *arguments.args]
    needed = positional[: len(positional) - len(arguments.defaults)]
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [a.arg for a in needed] + [a.arg for a, default in keywords if default is None]


def _takes(arguments: ast.arguments, count: int) -> bool:
    """Whether a call with this many arguments by position goes through."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return len(_required(arguments)) <= count and (bool(arguments.vararg) or positional >= count)
