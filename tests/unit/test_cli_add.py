"""`kvgen add` and `kvgen remove` as a person types them."""

import json
import os
import pty
import re
import sys

import pytest

from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.function import new_function
from kvgen.scaffold.lock import blob_id
from kvgen.scaffold.render import render_use

_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def folder(kvgen, tmp_path):
    assert kvgen("new", "session", "function", "-l", "js").exit_code == 0
    return tmp_path / "function"


def _tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _use(pattern, language, handler="session"):
    answers = new_function(load_pattern(pattern), language, "f", {})._replace(handler=handler)
    return render_use(answers, load_pattern(pattern)).rstrip("\n")


def test_addition_says_what_came_what_changed_and_what_to_put_where(kvgen, folder):
    result = kvgen("add", "cache", "function")
    assert result.exit_code == 0
    added, changed, *rest = result.stdout.splitlines()
    assert re.fullmatch(r"Added cache to function: .*\bcache\.js\b.*", added)
    assert {"kvgen.toml", "func.toml", ".env.example"} <= set(changed[8:].split(", "))
    assert rest[:3] == ["", "Put into handler.js:", ""]
    printed = "\n".join(line.removeprefix("    ") for line in rest[3:])
    assert printed == _use("cache", "javascript")


def test_folder_where_one_stands_needs_no_name(kvgen, folder, monkeypatch):
    monkeypatch.chdir(folder)
    result = kvgen("add", "flag")
    assert result.stdout.startswith("Added flag to .: ")
    assert kvgen("regenerate", "--check").exit_code == 0


def test_options_of_the_pattern_are_taken(kvgen, folder):
    assert kvgen("add", "flag", "function", "--flag", "beta", "--refresh", "1m").exit_code == 0
    text = (folder / "kvgen.toml").read_text()
    assert 'flag = "beta"\n' in text
    assert 'refresh = "1m"\n' in text


def test_pattern_that_is_there_is_said_and_nothing_is_touched(kvgen, folder):
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}
    for arguments in ((), ("--dry-run",), ("--ttl", "24h")):
        result = kvgen("add", "session", "function", *arguments)
        said = "function has session already; nothing was changed\n"
        assert (result.exit_code, result.stdout) == (0, said)
    assert {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]} == before


@pytest.mark.parametrize("pattern", ["cache", "flag"])
def test_dry_run_shows_what_the_run_does_and_writes_nothing(kvgen, folder, pattern):
    before = _tree(folder)
    shown = kvgen("add", pattern, "function", "--dry-run").stdout
    assert _tree(folder) == before
    assert kvgen("add", pattern, "function").exit_code == 0
    after = _tree(folder)
    headers = set(re.findall(r"^\+\+\+ b/(.*)$", shown, re.MULTILINE))
    assert headers == {path for path in after if after[path] != before.get(path)}


def test_receipt_is_json_and_the_words_go_to_stderr(kvgen, folder):
    planned = kvgen("add", "flag", "function", "--dry-run", "--json")
    result = kvgen("add", "flag", "function", "--json")
    receipt = json.loads(result.stdout)
    assert json.loads(planned.stdout) == receipt | {"dry_run": True}
    assert result.stderr.startswith("Added flag to function: ")
    ids = {path: blob_id(content) for path, content in _tree(folder).items()}
    assert receipt["files"]
    assert all(ids[row["path"]] == row["id"] for row in receipt["files"])
    assert receipt["use"].rstrip("\n") == _use("flag", "javascript")
    assert receipt["handler"] == "session"
    assert sorted(receipt["patterns"]) == ["flag", "session"]
    again = json.loads(kvgen("add", "flag", "function", "--json").stdout)
    assert again == receipt | {"files": []}


def test_foreign_function_is_told_what_to_add_by_hand(kvgen, tmp_path):
    (tmp_path / "index.js").write_text("import http from 'node:http';\n")
    result = kvgen("add", "cache", "--namespace-id", _UUID, "--origin", "https://a.example")
    assert result.exit_code == 0
    assert (tmp_path / "index.js").read_text() == "import http from 'node:http';\n"
    assert (
        "\nAdd to func.toml, below [env_vars]:\n\n"
        f'    KV_NAMESPACE_ID = "{_UUID}"\n    ORIGIN_URL = "https://a.example"\n'
    ) in result.stdout
    assert "\nPut into your handler:\n" in result.stdout
    assert "dependencies" not in result.stdout


def test_foreign_function_with_the_binding_is_told_what_to_bind(kvgen, tmp_path):
    (tmp_path / "index.ts").write_text('import http from "node:http";\n')
    options = ("--kv", "binding", "--namespace-id", _UUID, "--origin", "https://a.example")
    result = kvgen("add", "cache", *options)
    assert result.exit_code == 0
    assert (
        "\nAdd to the dependencies: @telnyx/edge-runtime\n"
        f'\nAdd to func.toml:\n\n    [storage.kv.MY_KV]\n    id = "{_UUID}"\n'
        "\nThen `telnyx-edge types` writes telnyx-env.d.ts, and the tests run with\n"
        "`node --import ./local.mjs --test`: local.mjs stands in for the platform's package.\n"
        '\nAdd to func.toml, below [env_vars]:\n\n    ORIGIN_URL = "https://a.example"\n'
    ) in result.stdout
    assert (tmp_path / "local.mjs").is_file()
    again = kvgen("add", "flag", "--kv", "rest")
    assert (again.exit_code, "--set kv=rest" in again.stderr) == (2, True)


def test_foreign_function_in_python_is_told_its_dependencies(kvgen, tmp_path):
    (tmp_path / "function").mkdir()
    (tmp_path / "function/func.py").write_text("def new(): ...\n")
    result = kvgen("add", "cache")
    needed = load_pattern("cache").languages["python"].dependencies
    line = ", ".join(sorted({*needed, *BY_NAME["python"].kv_dependencies}))
    assert f"\nAdd to the dependencies: {line}\n" in result.stdout


def test_pattern_that_says_not_how_it_is_used_is_refused_before_anything_is_written(
    kvgen, folder, monkeypatch
):
    monkeypatch.setattr("kvgen.scaffold.render.is_wanted", lambda *_: False)
    before = _tree(folder)
    result = kvgen("add", "session", "function", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "does not say how to use it in javascript" in result.stderr
    assert _tree(folder) == before


def test_cookie_with_envelopes_warns(kvgen, tmp_path):
    (tmp_path / "index.js").write_text("")
    result = kvgen("add", "session", "--cookie", "sid", "--expiry", "envelope")
    assert result.exit_code == 0
    assert result.stderr.startswith("Warning: every visitor without the cookie")


def test_readme_that_does_not_merge_has_its_section_printed(kvgen, folder, monkeypatch):
    import kvgen.scaffold.add as module
    from kvgen.scaffold.plan import Action, Row

    clash = (Row("README.md", Action.CONFLICT, b"a", b"a", "same lines", b""),)
    monkeypatch.setattr(module, "plan_files", lambda *_: clash)
    result = kvgen("add", "flag", "function")
    assert result.exit_code == 0
    section = result.stdout.partition("so it was not changed. The section:\n\n")[2]
    assert section.startswith("    ## ")


def test_removal_says_what_went_and_leaves_the_rest(kvgen, folder):
    before = _tree(folder)
    assert kvgen("add", "flag", "function").exit_code == 0
    shown = kvgen("remove", "flag", "function", "--dry-run").stdout
    assert "+++ /dev/null\n" in shown
    assert "flag.js" in _tree(folder)
    result = kvgen("remove", "flag", "function")
    assert result.exit_code == 0
    assert re.fullmatch(r"Removed flag from function: .*\bflag\.js\b.*\n", result.stdout)
    assert _tree(folder) == before


def test_removal_says_what_was_kept(kvgen, folder):
    assert kvgen("add", "flag", "function").exit_code == 0
    (folder / "flag.js").write_text("// mine\n")
    result = kvgen("remove", "flag", "function")
    assert "Kept flag.js: kvgen no longer makes it, so it is yours now\n" in result.stdout


def test_terminal_is_asked_for_the_pattern(tmp_path, folder):
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-m", "kvgen", "add"])  # noqa: S606
    os.write(terminal, b"%d\n" % (pattern_names().index("flag") + 1))
    printed = b""
    while chunk := _read(terminal):
        printed += chunk
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, printed
    assert (folder / "flag.js").exists()


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux reports the other side's end as an error.
        return b""


def test_every_hint_in_a_function_that_kvgen_did_not_make_leads_to_add_which_works(kvgen, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "handler.go").write_text("package function\n")
    for command in (
        *("dev mine", "regenerate mine", "regenerate mine --adopt", "check mine"),
        *("remove flag mine", "new flag mine -l go", "new flag mine -l go --force"),
    ):
        result = kvgen(*command.split())
        assert "kvgen add" in result.stdout + result.stderr, command
    assert kvgen("add", "flag", "mine").exit_code == 0
    assert kvgen("regenerate", "mine", "--check").exit_code == 0
