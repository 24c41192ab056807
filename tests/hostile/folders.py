"""What a folder says, read by those who read it: does it hold literally what was answered?"""

import ast
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import black
from black.report import NothingChanged
from dotenv import dotenv_values
from markdown_it import MarkdownIt

from kvgen.scaffold.catalog import load_pattern
from tests.hostile.questions import Question
from tests.hostile.readers import Reader

_PLACEHOLDER = "REPLACE-WITH-NAMESPACE-ID"
_MARKDOWN = MarkdownIt("commonmark")

#: For each option that code holds, its constant: in JavaScript, in Python, in Go.
_CONSTANTS: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "session": {
        "ttl": ("SESSION_TTL", "SESSION_TTL", "sessionTTL"),
        "header": ("SESSION_HEADER", "SESSION_HEADER", "sessionHeader"),
    },
    "cache": {
        "ttl": ("CACHE_TTL", "CACHE_TTL", "cacheTTL"),
        "prefix": ("CACHE_PREFIX", "CACHE_PREFIX", "cachePrefix"),
    },
    "flag": {
        "flag": ("FLAG", "FLAG", "flagName"),
        "default": ("FLAG_DEFAULT", "FLAG_DEFAULT", "flagDefault"),
        "refresh": ("FLAG_REFRESH", "FLAG_REFRESH", "flagRefresh"),
    },
}
#: What the scaffold's own tests hold once more: constants of JavaScript and Python.
_IN_TESTS = {"HEADER": "header", "TTL": "ttl", "FLAG": "flag", "DEFAULT": "default"}


def check_folder(folder: Path, language: str, question: Question, reader: Reader | None) -> None:
    """Check everything in a folder that was made from the question."""
    _check_manifests(folder, language, question)
    _check_environment(folder, question)
    _check_readme(folder, question)
    checks: Mapping[str, Callable[..., None]] = {
        "javascript": _check_javascript,
        "python": _check_python,
        "go": _check_go,
    }
    checks[language](folder, question, reader)
    for file in folder.rglob("*"):
        if file.is_file():
            text = file.read_bytes().decode("utf-8")
            assert text.endswith("\n"), file
            assert re.fullmatch(
                "[^\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]*", text
            ), file


def _check_manifests(folder: Path, language: str, question: Question) -> None:
    project = tomllib.loads((folder / "kvgen.toml").read_text("utf-8"))
    assert (project["pattern"], project["language"]) == (question.pattern, language)
    assert project["name"] == question.name
    options = load_pattern(question.pattern).options
    for option in options:
        text = question.options.get(option.name, option.default)
        kinds = {"origin": text.rstrip("/"), "namespace-id": text.lower()}
        assert project["options"].pop(option.name) == kinds.get(option.kind, text)
    assert project["options"] == {}
    lock = json.loads((folder / "kvgen.lock").read_text("utf-8"))
    for path, file in lock["files"].items():
        assert (folder / path).read_text("utf-8") == "".join(file["text"])


def _check_environment(folder: Path, question: Question) -> None:
    wanted = {"KV_NAMESPACE_ID": question.values["namespace-id"] or _PLACEHOLDER}
    if question.pattern == "cache":
        wanted["ORIGIN_URL"] = question.values["origin"]
    manifest = tomllib.loads((folder / "func.toml").read_text("utf-8"))
    assert manifest["edge_compute"]["func_name"] == question.name
    assert manifest["env_vars"] == wanted
    values = dotenv_values(folder / ".env.example", interpolate=False)
    assert {name: values[name] for name in wanted} == wanted
    show = " ".join(f'"${name}"' for name in wanted)
    command = ["sh", "-c", f"set -eu; . ./.env.example; printf '%s\\0' {show}"]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, check=True)
    assert done.stdout.decode() == "".join(f"{value}\0" for value in wanted.values())


def _check_readme(folder: Path, question: Question) -> None:
    text = (folder / "README.md").read_text("utf-8")
    tokens = _MARKDOWN.parse(text)
    assert [token.type for token in tokens[:3]] == ["heading_open", "inline", "heading_close"]
    spans = [c for token in tokens for c in token.children or () if c.type == "code_inline"]
    assert spans[0].content == question.name
    words = [word for line in text.splitlines() for word in _words(line)]
    commands = {"session": f"{question.values.get('header')}: <that id>"}
    commands["flag"] = f"flag/{question.values.get('flag')}"
    assert question.pattern == "cache" or commands[question.pattern] in words


def _words(line: str) -> list[str]:
    return shlex.split(line, comments=True) if line.startswith(("curl ", "kvgen kv ")) else []


def _wanted(question: Question, language: int) -> dict[str, object]:
    constants = _CONSTANTS[question.pattern]
    return {names[language]: question.values[option] for option, names in constants.items()}


def _check_javascript(folder: Path, question: Question, reader: Reader) -> None:
    wanted = _wanted(question, 0)
    file = str(folder / "handler.js")
    assert reader.ask("constants", file=file, names=list(wanted)) == wanted
    in_tests = (folder / "handler.test.js").read_text("utf-8")
    for name, source in re.findall(r"^const (HEADER|TTL|FLAG|DEFAULT) = (.*);$", in_tests, re.M):
        (value,) = reader.ask("values", sources=[source])
        assert value == question.values[_IN_TESTS[name]]
    package = json.loads((folder / "package.json").read_text("utf-8"))
    assert package["name"] == question.name.lower()
    for path in (*folder.glob("*.js"), folder / "package.json"):
        text = path.read_text("utf-8")
        if path.suffix == ".js":
            _once(reader, "parse", text)
        assert _once(reader, "isPretty", text, path.name), path


@cache
def _once(reader: Reader, operation: str, source: str, name: str = "") -> object:
    """Ask once for each text: most files of a folder are the same for all answers."""
    return reader.ask(operation, source=source, name=name)


def _check_python(folder: Path, question: Question, reader: None) -> None:
    constants = _python_constants(folder / "function/handler.py")
    assert _wanted(question, 1).items() <= constants.items()
    in_tests = _python_constants(folder / "tests/test_handler.py")
    for name in in_tests.keys() & _IN_TESTS.keys():
        assert in_tests[name] == question.values[_IN_TESTS[name]]
    tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    for path in folder.rglob("*.py"):
        assert _is_black(path.read_text("utf-8")), path


def _python_constants(file: Path) -> dict[str, object]:
    """Return the module's constants that are literals."""
    found = {}
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found[ast.unparse(node.targets[0])] = ast.literal_eval(node.value)
    return found


@cache
def _is_black(text: str) -> bool:
    try:
        black.format_file_contents(text, fast=True, mode=black.Mode())
    except NothingChanged:
        return True
    return False


def _check_go(folder: Path, question: Question, reader: Reader) -> None:
    wanted = _wanted(question, 2)
    files = [path for path in folder.glob("*.go") if not path.name.endswith("_test.go")]
    sources = [path.read_text("utf-8") for path in files]
    found = reader.ask("constants", sources=sources, names=list(wanted))
    assert found == wanted
    for path in folder.glob("*.go"):
        assert _once(reader, "isFormatted", path.read_text("utf-8")), path
