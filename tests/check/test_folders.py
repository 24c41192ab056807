"""Folders of every kind that people point at, and what they are told."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvgen.check import tokens
from kvgen.check.folder import check_folder
from kvgen.check.size import check_size
from kvgen.check.sources import Sources
from kvgen.errors import KvgenError
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import load_pattern, pattern_names
from tests.check.conftest import checked, found, scaffolded
from tests.check.plain import write_plain

_PYTHON = """
class App:
    async def handle(self, scope, receive, send):
        pass

new = App
"""


def test_folder_by_hand_is_checked_without_kvgen_toml(tmp_path):
    package = tmp_path / "function"
    package.mkdir()
    (package / "__init__.py").write_text("from .func import new\n")
    (package / "func.py").write_text(_PYTHON)
    report = checked(tmp_path)
    assert (report.patterns, report.language) == ((), "python")
    assert {(f.rule.name, f.path) for f in report.findings} == {
        ("manifest", "func.toml"),
        ("no-project", "kvgen.toml"),
        ("py-project", "pyproject.toml"),
    }


def test_framework_that_serves_out_of_sight_is_believed(ready):
    folder = ready("javascript")
    (folder / "index.js").write_text(
        'import { serve } from "@hono/node-server";\nserve({ port: process.env.PORT });\n'
    )
    assert [rule for rule, _, _ in found(folder)] == ["js-dependency"]
    package = json.loads((folder / "package.json").read_text())
    package["dependencies"] = {"@hono/node-server": "1"}
    (folder / "package.json").write_text(json.dumps(package))
    assert found(folder) == []


@pytest.mark.parametrize("way", ["self.handle = Starlette()", "self.handle: object = Starlette()"])
def test_function_that_hands_over_to_an_application_is_ready(ready, way):
    folder = ready("python")
    (folder / "function" / "func.py").write_text(
        "from starlette.applications import Starlette\n\n\n"
        f"class Function:\n    def __init__(self):\n        {way}\n\n\n"
        "def new():\n    return Function()\n"
    )
    assert found(folder) == []


def test_platform_prefix_of_node_is_no_framework(ready):
    folder = ready("javascript")
    (folder / "index.js").write_text('import http from "http";\nconsole.log(http);\n')
    assert [rule for rule, _, _ in found(folder)] == ["js-listen", "js-port", "js-health"]


def test_words_in_comments_and_strings_are_not_taken_for_code(ready):
    folder = ready("javascript")
    (folder / "index.js").write_text(
        "// http.createServer(respond).listen(process.env.PORT) on /health\n"
        'console.log("createServer listen");\n'
    )
    assert [rule for rule, _, _ in found(folder)] == ["js-listen", "js-port", "js-health"]


@pytest.mark.parametrize("bound", ["{ PORT }", '{ ["PORT"]: port }', "{ PORT: port = 8080 }"])
def test_port_is_seen_in_any_way_of_reading_it(ready, bound):
    folder = ready("javascript")
    index = folder / "index.js"
    index.write_text(index.read_text().replace("process.env.PORT || 8080", "port"))
    index.write_text(index.read_text() + f"const {bound} = process.env;\n")
    assert found(folder) == []


@pytest.mark.parametrize(
    "handle",
    [
        "func Handle(w http.ResponseWriter, r *http.Request) {}",
        "func Handle(http.ResponseWriter, *http.Request) {}",
        "func Handle(\n\t_ http.ResponseWriter,\n\t_ *http.Request,\n) {}",
    ],
)
def test_handle_of_go_is_known_in_any_layout(ready, handle):
    folder = ready("go")
    for path in folder.glob("*.go"):
        path.unlink()
    (folder / "handler.go").write_text(f'package function\n\nimport "net/http"\n\n{handle}\n')
    assert found(folder) == []


@pytest.mark.parametrize(("name", "prefix"), [("web ", "web."), ("", "http.")])
def test_handle_of_go_is_known_under_any_name_of_the_import(ready, name, prefix):
    folder = ready("go")
    for path in folder.glob("*.go"):
        path.unlink()
    (folder / "handler.go").write_text(
        f'package function\n\nimport {name}"net/http"\n\n'
        f"func Handle(w {prefix}ResponseWriter, r *{prefix}Request) {{}}\n"
    )
    (folder / "tool.go").write_text("//go:build ignore\n\npackage main\n\nfunc main() {}\n")
    assert found(folder) == []


def test_go_program_of_its_own_is_told_what_the_platform_wants(ready):
    folder = ready("go")
    for path in folder.glob("*.go"):
        path.unlink()
    (folder / "main.go").write_text("package main\n\nfunc main() {}\n")
    assert found(folder) == [("go-entry", "handler.go", None)]
    (folder / "main.go").rename(folder / "handler.go")
    (finding,) = checked(folder).findings
    assert (finding.rule.name, finding.path) == ("go-package", "handler.go")
    assert finding.message == "is package main"
    assert not (folder / "function").exists(), "go build left a program behind"


def test_go_packages_that_do_not_fit_together_are_named_without_kvgens_own_file(ready):
    folder = ready("go")
    (folder / "other.go").write_text("package other\n")
    (finding,) = checked(folder).findings
    assert (finding.rule.name, finding.path) == ("go-package", "other.go")
    assert finding.message == "is package other"


@pytest.mark.parametrize(
    ("handle", "message"),
    [
        ("var Handle = http.NotFound", None),
        ("func Handle(http.ResponseWriter, *http.Request) error { return nil }", "has other"),
        ("func Handle() {}", "has other"),
        ("const Handle = 1", "has other"),
        ("type Handle struct{}", "has other"),
        ("type Server struct{}\n\nfunc (Server) Handle(http.ResponseWriter) {}", "is no func"),
        ("// func Handle(w http.ResponseWriter, r *http.Request) {}", "is no func"),
        ("func handle(http.ResponseWriter, *http.Request) {}", "is no func"),
    ],
)
def test_handle_of_go_is_what_the_compiler_takes_for_it(ready, handle, message):
    folder = ready("go")
    for path in folder.glob("*.go"):
        path.unlink()
    use = "var _ http.Handler"
    text = f'package function\n\nimport "net/http"\n\n{use}\n\n{handle}\n'
    (folder / "handler.go").write_text(text)
    before = sorted(path.name for path in folder.iterdir())
    findings = checked(folder).findings
    assert [finding.rule.name for finding in findings] == (["go-handle"] if message else [])
    assert all(message in finding.message for finding in findings)
    assert sorted(path.name for path in folder.iterdir()) == before


def test_go_says_what_is_wrong_with_the_users_own_lines_and_nothing_of_kvgens(ready):
    folder = ready("go")
    handler = folder / "handler.go"
    handler.write_text(
        handler.read_text().replace("func Handle(w", "func Handel(x") + "\nvar a int = 1 +\n"
    )
    assert {path for _, path, _ in found(folder)} == {"handler.go"}


def test_go_dependency_is_an_error_without_its_hash_and_never_fetched(ready):
    folder = ready("go")
    module = folder / "go.mod"
    module.write_text(module.read_text() + "\nrequire example.com/absent v1.0.0\n")
    handler = folder / "handler.go"
    handler.write_text(
        handler.read_text().replace('"net/http"', '"net/http"\n\t_ "example.com/absent"')
    )
    line = len(handler.read_text().partition("example.com")[0].splitlines())
    assert found(folder) == [("go-build", "handler.go", line)]  # there is no go.sum
    hashes = "example.com/absent v1.0.0{} h1:" + "A" * 43 + "=\n"
    (folder / "go.sum").write_text(hashes.format("") + hashes.format("/go.mod"))
    assert found(folder) == [("not-run", ".", None)]


@pytest.mark.parametrize(("language", "find"), [("javascript", "find_node"), ("go", "find_go")])
def test_missing_toolchain_is_a_note_and_the_rest_is_checked(ready, language, find, monkeypatch):
    def nowhere(**_: Path) -> Path:
        raise KvgenError("there is no tool here", "install it")

    monkeypatch.setattr(f"kvgen.languages.{language}.check.{find}", nowhere)
    folder = ready(language)
    report = checked(folder)
    (note,) = report.findings
    assert (note.rule.name, note.message, note.fix) == (
        "not-run",
        "there is no tool here",
        "install it",
    )
    assert report.is_ready
    (folder / "func.toml").unlink()
    assert not checked(folder).is_ready


def test_package_that_is_no_module_is_not_put_to_node(ready):
    folder = ready("javascript")
    package = folder / "package.json"
    package.write_text(package.read_text().replace('"module"', '"commonjs"'))
    assert found(folder) == [("js-type", "package.json", 4)]


@pytest.mark.parametrize("language", BY_NAME)
@pytest.mark.parametrize("pattern", pattern_names())
def test_placeholders_are_to_do_and_nothing_else(tmp_path, language, pattern):
    folder = scaffolded(tmp_path / "f", language, pattern, filled=False)
    findings = [(f.rule.name, f.rule.level.value) for f in checked(folder).findings]
    own = [("placeholder", "todo") for _ in load_pattern(pattern).variables]
    assert sorted(findings) == sorted(
        [("func-id-missing", "todo"), ("namespace-missing", "todo"), *own]
    )


def test_variable_of_a_pattern_is_asked_for_by_its_name(tmp_path):
    folder = scaffolded(tmp_path / "f", "javascript", "session", "cache")
    func = folder / "func.toml"
    text = func.read_text()
    func.write_text(text.replace("https://api.example.org", "https://api.example.com/"))
    (finding,) = checked(folder).findings
    assert (finding.rule.name, finding.message) == (
        "placeholder",
        "ORIGIN_URL is still the placeholder",
    )
    func.write_text(text.replace("ORIGIN_URL", "OTHER_URL"))
    (finding,) = checked(folder).findings
    assert (finding.rule.name, finding.message) == ("variable-missing", "ORIGIN_URL is not set")


def test_function_is_told_how_a_missing_manifest_or_pattern_comes_back(tmp_path):
    folder = scaffolded(tmp_path / "f", "go", "flag")
    (folder / "func.toml").unlink()
    (folder / "kvgen.toml").write_text(
        'language = "go"\nname = "f"\n\n[patterns.flag]\n\n[patterns.mine]\n'
    )
    fixes = {finding.path: finding.fix for finding in checked(folder).findings}
    assert "`kvgen new PATTERN DIR --force`" in fixes["func.toml"]
    assert "--templates DIR" in fixes["kvgen.toml"]


def test_finding_names_the_path_of_a_missing_root_once(tmp_path):
    folder = scaffolded(tmp_path / "f", "go", "flag")
    project = folder / "kvgen.toml"
    project.write_text('templates = "../gone"\n' + project.read_text())
    (message,) = [f.message for f in checked(folder).findings if f.path == "kvgen.toml"]
    assert message == f"templates = '../gone': there is no folder {folder / '../gone'}"


def test_function_that_got_a_pattern_by_add_is_checked_with_it(kvgen, ready):
    folder = ready("javascript")
    for name in ("kvgen.toml", "kvgen.lock", "kv.js", "session.js"):
        (folder / name).unlink()
    (folder / "handler.js").write_text("export function handler() {}\n")
    assert kvgen("add", "cache", str(folder)).exit_code == 0
    report = check_folder(folder, with_tools=False)
    assert (report.patterns, report.language) == (("cache",), "javascript")
    assert [finding.rule.name for finding in report.findings] == ["variable-missing"]


def test_link_out_of_the_folder_is_an_error_and_not_followed(ready, tmp_path):
    folder = ready("python")
    outside = tmp_path / "outside.py"
    outside.write_text("-----BEGIN PRIVATE KEY-----\n")
    (folder / "function" / "more.py").symlink_to(outside)
    (folder / "gone").symlink_to("nowhere")
    (folder / "round").symlink_to("round")
    (folder / "function" / "twin.py").symlink_to("kv.py")
    assert found(folder) == [
        ("link", "function/more.py", None),
        ("link", "gone", None),
        ("link", "round", None),
    ]


def test_entry_point_behind_a_link_is_not_read(ready, tmp_path):
    folder = ready("python")
    (folder / "function").rename(tmp_path / "elsewhere")
    (folder / "function").symlink_to(tmp_path / "elsewhere")
    assert ("link", "function", None) in found(folder)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
@pytest.mark.parametrize("file", ["handler.go", "func.toml", "go.mod"])
def test_what_is_no_file_is_an_error_and_not_opened(ready, make, file):
    folder = ready("go")
    (folder / file).unlink()
    make(folder / file)
    assert found(folder, tools=False) == [("unreadable", file, None)]


def test_names_and_files_that_are_no_text_do_no_harm(ready):
    folder = ready("javascript")
    (folder / "photo.bin").write_bytes(bytes(range(256)) * 100)
    Path(os.fsdecode(bytes(folder) + b"/\xff\n.txt")).write_text("-----BEGIN PRIVATE KEY-----")
    os.mkfifo(folder / "pipe")
    done = _kvgen(folder)
    assert done.returncode == 1
    assert "\\xff\\n.txt:1: holds a private key" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    "line",
    [
        "TELNYX_API_KEY=your-telnyx-api-key-goes-here",
        'TELNYX_API_KEY="$(pass show telnyx/api-key-1)"',
        "TELNYX_API_KEY=<your key>",
        "TELNYX_API_KEY=",
        'process.env.TELNYX_API_KEY = "a-key-for-tests-0123456789"',
        "KEY0123456789ABCDEF0123456789ABCDEF",
        "-----BEGIN PUBLIC KEY-----",
    ],
)
def test_what_stands_for_a_credential_is_none(ready, line):
    folder = ready("python")
    (folder / "notes.md").write_text(f"# Notes\n{line}\n")
    assert found(folder) == []


def test_folder_of_typescript_is_known_by_its_entry_point(ready, tmp_path):
    folder = ready("typescript")
    (folder / "kvgen.toml").unlink()
    assert checked(folder).language == "typescript"
    (folder / "index.js").write_text("// what an older build left at the root")
    (folder / "index.ts").unlink()
    assert checked(folder).language == "javascript"


def test_vendored_dependency_is_built_without_a_network(ready):
    folder = ready("go")
    vendored = folder / "vendor" / "example.com" / "absent"
    vendored.mkdir(parents=True)
    (vendored / "absent.go").write_text("package absent\n")
    (vendored.parents[1] / "modules.txt").write_text(
        "# example.com/absent v1.0.0\n## explicit\nexample.com/absent\n"
    )
    module = folder / "go.mod"
    module.write_text(module.read_text() + "\nrequire example.com/absent v1.0.0\n")
    (folder / "more.go").write_text('package function\n\nimport _ "example.com/absent"\n')
    assert found(folder) == []


def test_large_folder_is_refused_with_what_is_largest(ready):
    folder = ready("go")
    (folder / "video.bin").write_bytes(os.urandom(300_000))
    (too_large,) = check_size(Sources(folder), largest=250_000)
    assert too_large.rule.name == "size"
    assert "video.bin" in too_large.message
    assert not list(check_size(Sources(folder), largest=350_000))


def test_node_modules_count_and_a_venv_is_only_warned_of(ready):
    folder = ready("javascript")
    (folder / "node_modules" / "big").mkdir(parents=True)
    (folder / "node_modules" / "big" / "a.bin").write_bytes(os.urandom(300_000))
    (too_large,) = check_size(Sources(folder), 250_000)
    assert (too_large.rule.name, "node_modules" in too_large.message) == ("size", True)
    (folder / "node_modules").rename(folder / ".venv")
    assert [f.rule.name for f in check_size(Sources(folder), 250_000)] == ["size-around"]


def test_secret_is_judged_by_what_git_says(ready):
    folder = ready("python")
    subprocess.run(["git", "init", "-q", folder], check=True)
    (folder / ".env").write_text("TELNYX_API_KEY=abcdefgh12abcdefgh12\n")
    assert found(folder) == [("secret-ignored", ".env", 1)]
    subprocess.run(["git", "-C", folder, "add", "--force", ".env"], check=True)
    assert found(folder) == [("dotenv-tracked", ".env", None), ("secret", ".env", 1)]


def test_repository_that_names_a_program_does_not_get_it_run(ready, tmp_path):
    folder = ready("python")
    subprocess.run(["git", "init", "-q", folder], check=True)
    monitor = f"touch {tmp_path / 'ran'}; false"
    subprocess.run(["git", "-C", folder, "config", "core.fsmonitor", monitor], check=True)
    assert found(folder) == []
    assert not (tmp_path / "ran").exists()


def test_nothing_is_run_and_nothing_is_written(ready, tmp_path, monkeypatch):
    witness = tmp_path / "ran"
    loaded = tmp_path / "loaded.cjs"
    loaded.write_text(f"require('fs').writeFileSync({str(witness)!r}, '')")
    monkeypatch.setenv("NODE_OPTIONS", f"--require {loaded}")
    for language, file, code in (
        (
            "javascript",
            "index.js",
            f"import fs from 'node:fs'; fs.writeFileSync({str(witness)!r}, '');",
        ),
        ("python", "function/func.py", f"open({str(witness)!r}, 'w')"),
        ("go", "handler.go", f'func init() {{ os.WriteFile("{witness}", nil, 0o600) }}'),
    ):
        folder = ready(language)
        with (folder / file).open("a") as source:
            source.write(f"\n{code}\n")
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        checked(folder)
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
        assert not witness.exists()
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["absent", "a-file"])
def test_what_is_no_folder_is_refused(kvgen, tmp_path, name):
    (tmp_path / "a-file").write_text("")
    result = kvgen("check", name)
    assert result.exit_code == 1
    assert f"Error: {name} " in result.stderr


def test_folder_without_a_function_is_an_error(kvgen, tmp_path):
    (tmp_path / "empty").mkdir()
    result = kvgen("check", "empty")
    assert result.exit_code == 1
    assert "is not a function in JavaScript, TypeScript, Python or Go" in result.stdout


def test_report_for_people_and_for_scripts(kvgen, snapshot):
    assert kvgen("new", "flag", "shop", "-l", "python").exit_code == 0
    assert kvgen("add", "cache", "shop").exit_code == 0
    people = kvgen("check", "shop")
    script = kvgen("check", "--json", "shop")
    assert (people.exit_code, script.exit_code) == (1, 1)
    assert people.stdout == script.stderr == snapshot
    assert json.loads(script.stdout) == snapshot


@pytest.mark.parametrize(
    ("options", "status"), [((), 1), (("--allow-placeholders",), 0), (("--strict",), 1)]
)
def test_exit_status_says_whether_it_would_deploy(kvgen, options, status):
    assert kvgen("new", "flag", "flag", "-l", "python").exit_code == 0
    assert kvgen("check", *options, "flag").exit_code == status


def test_warnings_count_with_strict(kvgen, ready):
    folder = ready("python")
    (folder / "requirements.txt").write_text("aiohttp\n")
    assert kvgen("check", str(folder)).exit_code == 0
    assert kvgen("check", "--strict", str(folder)).exit_code == 1


def _kvgen(folder):
    command = [sys.executable, "-m", "kvgen", "check", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_names_longer_than_any_file_has_take_no_time(ready):
    folder = ready("javascript")
    (folder / ".gitignore").write_text(".env\n" + "[" * 100_000)
    handler = folder / "handler.js"
    handler.write_text(handler.read_text().replace("./session.js", f"./{'s' * 5_000}.js"))
    assert found(folder) == [("js-import", "handler.js", 2)]


@pytest.mark.parametrize("file", ["func.toml", "kvgen.toml", "kvgen.lock", "pyproject.toml"])
def test_file_that_is_nested_deeper_than_any_parser_goes_is_an_error(ready, file):
    folder = ready("python")
    (folder / file).write_text(("" if file == "kvgen.lock" else "a = ") + "[" * 100_000)
    assert file in {path for _, path, _ in found(folder)}
    assert not checked(folder).is_ready


@pytest.mark.parametrize(
    ("language", "file", "opening"),
    [
        ("javascript", "package.json", "["),
        ("javascript", "index.js", "("),
        ("python", "function/func.py", "("),
        ("go", "handler.go", "("),
    ],
)
def test_source_that_is_nested_deeper_than_any_parser_goes_is_an_error(
    ready, language, file, opening
):
    folder = ready(language)
    (folder / file).write_text(opening * 100_000)
    assert not checked(folder).is_ready


@pytest.mark.parametrize("language", BY_NAME)
def test_byte_order_mark_before_a_manifest_is_no_part_of_it(ready, language):
    folder = ready(language)
    for name in ("kvgen.toml", "func.toml", "package.json", "tsconfig.json", "pyproject.toml"):
        if (folder / name).exists():
            (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert found(folder) == []


@pytest.mark.parametrize(
    ("language", "piece"),
    [*(("javascript", piece) for piece in ("a.", '"\\', "`", "{", "(")), ("typescript", "a.")],
)
def test_source_that_keeps_a_lexer_busy_is_given_up(ready, monkeypatch, language, piece):
    monkeypatch.setattr(tokens, "_PATIENCE", 0.2)
    folder = ready(language)
    handler = BY_NAME[language].handler
    (folder / handler).write_text(piece * (200_000 // len(piece)))
    assert ("too-large", handler, None) in found(folder)


_TROUBLE = [*"\"'{}[]()`=#\0\r\n", "//", "/*", "${", "[[", "1979-05-27", "nan", "null", "(" * 500]


@settings(max_examples=40, deadline=None)
@given(
    language=st.sampled_from(["javascript", "typescript", "python", "go"]),
    edits=st.lists(
        st.tuples(
            st.integers(0, 99),
            st.integers(0, 5_000),
            st.integers(0, 50),
            st.one_of(st.sampled_from(_TROUBLE).map(str.encode), st.binary(max_size=8)),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_mangled_folder_gets_findings_and_never_a_traceback(language, edits):
    with tempfile.TemporaryDirectory() as place:
        folder = write_plain(Path(place) / "mangled", language)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for number, start, length, trouble in edits:
            path = files[number % len(files)]
            content = path.read_bytes()
            path.write_bytes(content[:start] + trouble + content[start + length :])
        for finding in check_folder(folder, with_tools=False).findings:
            assert finding.message
            assert finding.line is None or finding.line > 0
