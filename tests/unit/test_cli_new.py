"""`kvgen new` as a command line: what it writes, shows, and prints for scripts."""

import json
import re

import pytest

from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.lock import blob_id

_EVERY_LANGUAGE = [language.name for language in LANGUAGES]


def _tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _patched(diff):
    """Read the added files back out of a diff that only adds."""
    files = {}
    for part in re.split(r"^--- /dev/null\n", diff, flags=re.MULTILINE)[1:]:
        header, _, *lines = part.splitlines()
        files[header.removeprefix("+++ b/")] = "".join(line[1:] + "\n" for line in lines).encode()
    return files


@pytest.mark.parametrize("language", _EVERY_LANGUAGE)
def test_dry_run_shows_exactly_what_the_run_writes_and_writes_nothing(kvgen, tmp_path, language):
    shown = kvgen("new", "session", "x", "-l", language, "--dry-run")
    assert list(tmp_path.iterdir()) == []
    assert kvgen("new", "session", "x", "-l", language).exit_code == 0
    assert _patched(shown.stdout) == _tree(tmp_path / "x")


def test_receipt_names_every_file_by_its_id(kvgen, tmp_path):
    result = kvgen("new", "session", "x", "-l", "js", "--ttl", "90s", "--json")
    receipt = json.loads(result.stdout)
    assert {file["path"]: file["id"] for file in receipt["files"]} == {
        path: blob_id(content) for path, content in _tree(tmp_path / "x").items()
    }
    del receipt["files"]
    assert receipt == {
        "folder": str(tmp_path / "x"),
        "language": "javascript",
        "name": "x",
        "handler": "session",
        "options": {"expiry": "both", "namespace-id": ""},
        "patterns": {"session": {"ttl": "90s", "header": "X-Session-ID", "cookie": ""}},
        "dry_run": False,
    }
    assert "Created x" in result.stderr


def test_end_tells_the_next_commands(kvgen, snapshot):
    result = kvgen("new", "session", "my store", "-l", "go", "--name", "store")
    assert re.sub(r"\d+ files", "N files", result.stdout) == snapshot


def test_same_answers_give_the_same_bytes(kvgen, tmp_path):
    for folder in ("a/x", "b/x"):
        assert kvgen("new", "session", folder, "-l", "python").exit_code == 0
    assert _tree(tmp_path / "a/x") == _tree(tmp_path / "b/x")


def test_name_alone_is_the_folder_too(kvgen, tmp_path):
    assert kvgen("new", "session", "-l", "go", "--name", "store").exit_code == 0
    assert (tmp_path / "store" / "handler.go").exists()


def test_current_folder_with_a_fresh_git_repository_is_taken(kvgen, tmp_path, monkeypatch):
    (tmp_path / "store" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "store")
    result = kvgen("new", "session", ".", "-l", "go")
    assert result.exit_code == 0
    assert "cd " not in result.stdout


@pytest.mark.parametrize(("dedupe", "warned"), [("5m", True), ("301", False)])
def test_event_that_is_forgotten_too_early_warns(kvgen, dedupe, warned):
    result = kvgen("new", "webhook", "x", "-l", "go", "--dedupe", dedupe, "--tolerance", "5m")
    assert result.exit_code == 0
    assert ("Warning: an event is forgotten" in result.stderr) is warned


def test_force_adds_what_is_missing_and_keeps_the_rest(kvgen, tmp_path):
    kvgen("new", "session", "x", "-l", "go")
    before = _tree(tmp_path / "x")
    (tmp_path / "x" / "notes").write_text("mine")
    (tmp_path / "x" / "session.go").unlink()
    (tmp_path / "x" / "handler.go").write_text("mine")
    result = kvgen("new", "session", "x", "-l", "go", "--force")
    assert result.exit_code == 0
    assert "Created x (session, go, 1 file)\n" in result.stdout
    assert _tree(tmp_path / "x") == before | {"notes": b"mine", "handler.go": b"mine"}


def test_force_restores_all_patterns_with_the_answers_that_the_folder_has(kvgen, tmp_path):
    arguments = ("--ttl", "5m", "--cookie", "sid", "--expiry", "native", "--name", "store")
    kvgen("new", "session", "x", "-l", "js", *arguments)
    kvgen("add", "flag", "x", "--refresh", "1m")
    project = tmp_path / "x" / "kvgen.toml"
    project.write_text("# mine\n" + project.read_text())
    before = _tree(tmp_path / "x")
    for name in ("flag.js", "session.js", "func.toml", "kvgen.lock"):
        (tmp_path / "x" / name).unlink()
    result = kvgen("new", "session", "x", "-l", "js", "--force", "--ttl", "300", "--json")
    assert result.exit_code == 2, "5m is not what 300 says, though it is as long"
    result = kvgen("new", "session", "x", "-l", "js", "--force", "--ttl", "5m", "--json")
    assert result.exit_code == 0
    assert _tree(tmp_path / "x") == before
    receipt = json.loads(result.stdout)
    assert receipt["name"] == "store"
    assert receipt["patterns"]["session"]["cookie"] == "sid"
    assert receipt["patterns"]["flag"]["refresh"] == "1m"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["session", "--ttl", "5m"], "to change it: kvgen regenerate x --set session.ttl=5m"),
        (["session", "--cookie", "sid"], "to change it: kvgen regenerate x --set session.cookie=s"),
        (["session", "--expiry", "native"], "to change it: kvgen regenerate x --set expiry=native"),
        (["session", "--name", "other"], "x has the name 'x' already"),
        (["flag"], "to add the pattern to it: kvgen add flag x"),
        (["cache"], "x holds a go function with flag, session, and --force only brings back"),
        (["session", "-l", "js"], "choose another folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_force_changes_neither_answers_nor_patterns(kvgen, tmp_path, arguments, said):
    kvgen("new", "session", "x", "-l", "go")
    if "flag" in said and arguments != ["flag"]:
        kvgen("add", "flag", "x")
    before = _tree(tmp_path / "x")
    language = () if "-l" in arguments else ("-l", "go")
    result = kvgen("new", *arguments, "x", *language, "--force")
    assert result.exit_code != 0
    assert said in result.stderr.replace(str(tmp_path / "x"), "x")
    assert _tree(tmp_path / "x") == before


def test_force_on_a_folder_of_other_files_is_refused_with_the_way_to_add(kvgen, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "handler.go").write_text("package function\n")
    result = kvgen("new", "session", "x", "-l", "go", "--force")
    assert result.exit_code == 1
    assert f"kvgen add session {tmp_path / 'x'}" in result.stderr


@pytest.mark.parametrize("present", [None, ".git"])
def test_force_on_a_folder_without_files_is_as_without(kvgen, tmp_path, present):
    (tmp_path / "x" / (present or ".")).mkdir(parents=True)
    assert kvgen("new", "session", "x", "-l", "go", "--force").exit_code == 0
    assert kvgen("regenerate", "--check", "x").exit_code == 0


def test_second_force_changes_nothing_down_to_the_times(kvgen, tmp_path):
    kvgen("new", "session", "x", "-l", "go")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "x").rglob("*")}
    assert kvgen("new", "session", "x", "-l", "go", "--force").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "x").rglob("*")} == before
