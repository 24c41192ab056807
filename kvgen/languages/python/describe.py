"""Python as scaffolding knows it."""

from kvgen.languages.language import Language
from kvgen.quoting import Literal, preferred_quote, quoted, rune_escape


def py(text: str) -> Literal:
    """Quote for Python, with the quotes and the lower-case escapes that black would choose."""
    return quoted(text, preferred_quote(text), _escape)


def py_truth(choice: str) -> Literal:
    """Write ``on`` or ``off`` as Python's True or False."""
    return Literal("True" if choice == "on" else "False")


def _escape(point: int) -> str:
    return f"\\x{point:02x}" if point < 0x100 else rune_escape(point)


PYTHON = Language(
    name="python",
    title="Python",
    aliases=("py",),
    needs="Python 3.11 or newer, with Starlette and aiohttp",
    trade_off="Starlette's requests and responses; the slowest of them",
    entries=("function/func.py", "function/__init__.py", "pyproject.toml"),
    handler="function/handler.py",
    kv=("function/kv.py", "tests/conftest.py"),
    kv_dependencies=("aiohttp>=3.13.4",),
    function_dependencies=("starlette>=1.0",),
    filters={"py": py, "py_truth": py_truth},
    fence="python",
    test_command="pytest",
    new_func="python",
    platform="server, health",
)
