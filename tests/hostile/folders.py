"""Reads a folder with the languages' own parsers: does it hold the exact answers?"""

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

from kvgen.scaffold.model import Option
from tests.hostile.questions import Question, options_of
from tests.hostile.readers import Reader

_PLACEHOLDER = "REPLACE-WITH-NAMESPACE-ID"
_MARKDOWN = MarkdownIt("commonmark")

#: Options that the code of a function holds as constants, whatever they are called there.
_IN_CODE = (
    "ttl",
    "header",
    "cookie",
    "prefix",
    "flag",
    "default",
    "refresh",
    "tolerance",
    "dedupe",
)
_GO_BLOCK = re.compile(r"^const \(\n.*?^\)|^const [^\n]*$", re.M | re.S)


def check_folder(
    folder: Path, language: str, question: Question, reader: Reader | None, kv: str = "rest"
) -> None:
    """Check everything in a folder that was made from the question."""
    _check_manifests(folder, language, question, kv)
    _check_environment(folder, question, kv)
    _check_readme(folder, question)
    checks: Mapping[str, Callable[..., None]] = {
        "javascript": _check_javascript,
        "typescript": _check_typescript,
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


def _check_manifests(folder: Path, language: str, question: Question, kv: str) -> None:
    project = tomllib.loads((folder / "kvgen.toml").read_text("utf-8"))
    assert (project.pop("handler"), project.pop("language")) == (question.pattern, language)
    assert project.pop("name") == question.name
    assert project.pop("kv", "rest") == kv
    own = project.pop("patterns")
    assert own.keys() == {question.pattern}
    said = {**project, **own[question.pattern]}
    for option in options_of(question.pattern):
        wanted = written(option, question)
        # An option without a value has no line, but for the one that people come to fill in.
        assert said.pop(option.name, "") == wanted
    assert said == {}
    lock = json.loads((folder / "kvgen.lock").read_text("utf-8"))
    for path, file in lock["files"].items():
        assert (folder / path).read_text("utf-8") == file["text"]


def written(option: Option, question: Question) -> str:
    """Return the text of an option as kvgen writes it down, said or not."""
    if not question.values[option.name] and not option.kind.startswith("duration"):
        return "off" if option.choices else ""
    text = question.options.get(option.name, option.default)
    return {"origin": text.rstrip("/"), "namespace-id": text.lower()}.get(option.kind, text)


def _check_environment(folder: Path, question: Question, kv: str) -> None:
    namespace = {"KV_NAMESPACE_ID": question.values["namespace-id"] or _PLACEHOLDER}
    own = {}
    if question.pattern == "cache":
        own["ORIGIN_URL"] = question.values["origin"]
    if question.pattern == "webhook":
        own["TELNYX_PUBLIC_KEY"] = question.values["public-key"]
    wanted = namespace | own
    manifest = tomllib.loads((folder / "func.toml").read_text("utf-8"))
    assert manifest["edge_compute"]["func_name"] == question.name
    assert manifest["env_vars"] == (own if kv == "binding" else wanted)
    if kv == "binding":
        assert manifest["storage"] == {"kv": {"MY_KV": {"id": namespace["KV_NAMESPACE_ID"]}}}
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
    for line in text.splitlines():
        if line.startswith(("curl ", "kvgen ")):
            assert shlex.split(line, comments=True)


def _wanted(question: Question) -> list[object]:
    """Return what code has to hold: the values of the options that are not empty."""
    values = question.values
    return [values[name] for name in _IN_CODE if values.get(name) not in (None, "")]


def _is_own(path: Path) -> bool:
    """Whether a source file is deployed, and is not a test."""
    return "test" not in path.name and "tests" not in path.parts


def _check_javascript(
    folder: Path, question: Question, reader: Reader, suffix: str = ".js"
) -> None:
    found: list[object] = []
    for path in filter(_is_own, folder.glob(f"*{suffix}")):
        text = path.read_text("utf-8")
        found += _js_constants(reader, text)
    assert all(value in found for value in _wanted(question)), question
    package = json.loads((folder / "package.json").read_text("utf-8"))
    assert package["name"] == question.name.lower()
    for path in (*folder.glob(f"*{suffix}"), *folder.glob("*.json")):
        text = path.read_text("utf-8")
        if path.suffix == ".js":
            _once(reader, "parse", text)
        assert _once(reader, "isPretty", text, path.name), path


def _check_typescript(folder: Path, question: Question, reader: Reader) -> None:
    _check_javascript(folder, question, reader, ".ts")


def _js_constants(reader: Reader, text: str) -> list[object]:
    """Return the constants that are literals."""
    sources = re.findall(r"^(?:export )?const [A-Z][A-Z0-9_]* = (.*?);(?: //.*)?$", text, re.M)
    literal = re.compile(r"[\"'].*[\"']|[0-9]+|true|false")
    sources = [source for source in sources if literal.fullmatch(source)]
    values: list[object] = reader.ask("values", sources=sources) if sources else []
    return values


@cache
def _once(reader: Reader, operation: str, source: str, name: str = "") -> object:
    """Ask once for each text: most files of a folder are the same for all answers."""
    return reader.ask(operation, source=source, name=name)


def _check_python(folder: Path, question: Question, reader: None) -> None:
    found: list[object] = []
    for path in filter(_is_own, folder.rglob("*.py")):
        found += _python_constants(path).values()
    assert all(value in found for value in _wanted(question)), question
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
    sources = [path.read_text("utf-8") for path in filter(_is_own, folder.glob("*.go"))]
    blocks = "\n".join(block for text in sources for block in _GO_BLOCK.findall(text))
    names = re.findall(r"^(?:const |\t)([A-Za-z]\w*) += ", blocks, re.M)
    found = reader.ask("constants", sources=sources, names=names)
    assert all(value in found.values() for value in _wanted(question)), question
    for path in folder.glob("*.go"):
        assert _once(reader, "isFormatted", path.read_text("utf-8")), path
