"""Patterns of your own: found, told apart, recorded, and missed by name when they are gone."""

import json
import shutil
import subprocess

import pytest

from kvgen.languages.describe import LANGUAGES
from tests.conftest import kvgen_process
from tests.unit.catalog import write_catalog


@pytest.fixture
def mine(tmp_path):
    """A root with the patterns count, mark and note, in the repository that the tests stand in."""
    (tmp_path / ".git").mkdir()
    return write_catalog(tmp_path / "mine")


def _ran(kvgen, *arguments, exit_code=0, **options):
    result = kvgen(*arguments, **options)
    assert result.exit_code == exit_code, result.output
    return result


def _tree(folder):
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("arguments", [["--templates", "mine"], ["--templates=mine"]])
@pytest.mark.parametrize("place", [1, 2, 6])
def test_new_finds_a_pattern_and_records_where_it_came_from(
    kvgen, tmp_path, mine, arguments, place
):
    words = ["new", "count", "f", "-l", "go", "--json"]
    words[place:place] = arguments
    _ran(kvgen, *words)
    assert 'templates = "../mine"\n' in (tmp_path / "f/kvgen.toml").read_text()
    lock = json.loads((tmp_path / "f/kvgen.lock").read_text())
    assert list(lock["patterns"]) == ["count"]
    assert lock["patterns"]["count"].startswith("sha256:")
    assert (tmp_path / "f/kv.go").read_text() == "`both`\n"  # of the same root's shared files
    assert "1 folder, 0 changed" in _ran(kvgen, "regenerate", "f").stdout


def test_root_without_shared_files_uses_those_of_kvgen(kvgen, tmp_path, mine):
    shutil.rmtree(mine / "_shared")
    _ran(kvgen, "new", "mark", "f", "-l", "go", "--templates", "mine")
    assert "func kvGet(" in (tmp_path / "f/kv.go").read_text()
    assert "## mark" in (tmp_path / "f/README.md").read_text()


def test_root_is_not_recorded_from_the_environment_or_another_repository(
    kvgen, tmp_path, mine, monkeypatch
):
    monkeypatch.setenv("KVGEN_TEMPLATES", str(mine))
    made = _ran(kvgen, "new", "count", "f", "-l", "go")
    (tmp_path / "other/.git").mkdir(parents=True)
    elsewhere = _ran(kvgen, "new", "count", "other/f", "-l", "go", "--templates", "mine")
    for result in (made, elsewhere):
        assert "later commands need --templates or KVGEN_TEMPLATES" in result.stderr
    for folder in ("f", "other/f"):
        assert "templates" not in (tmp_path / folder / "kvgen.toml").read_text()
        _ran(kvgen, "regenerate", "--check", folder)
    monkeypatch.delenv("KVGEN_TEMPLATES")
    before = _tree(tmp_path / "f")
    result = _ran(kvgen, "regenerate", "f", exit_code=2)
    assert "unknown pattern 'count'" in result.stderr
    assert "--templates DIR" in result.stderr
    assert _tree(tmp_path / "f") == before


def test_add_finds_patterns_by_the_functions_own_kvgen_toml(kvgen, tmp_path, mine):
    made = _ran(kvgen, "new", "count", "f", "-l", "go", "--templates", "mine")
    assert "Warning" not in made.stderr
    _ran(kvgen, "add", "mark", "f", "--ttl", "9m")
    _ran(kvgen, "add", "flag", "f")
    text = (tmp_path / "f/kvgen.toml").read_text()
    assert "[patterns.count]" in text
    assert '[patterns.flag]\nflag = "new-ui"' in text
    assert '[patterns.mark]\nttl = "9m"' in text
    _ran(kvgen, "remove", "mark", "f")
    assert "1 folder, 0 changed" in _ran(kvgen, "regenerate", "f").stdout


def test_add_records_the_root_in_a_function_that_had_none(kvgen, tmp_path, mine):
    shutil.rmtree(mine / "_shared")
    _ran(kvgen, "new", "flag", "f", "-l", "go")
    _ran(kvgen, "add", "note", "f", "--templates", "mine")
    assert 'templates = "../mine"\n' in (tmp_path / "f/kvgen.toml").read_text()
    assert "1 folder, 0 changed" in _ran(kvgen, "regenerate", "f").stdout
    shutil.copytree(mine, tmp_path / "others")
    result = _ran(kvgen, "add", "mark", "f", "--templates", "others", exit_code=2)
    assert "a function has those of one folder" in result.stderr


@pytest.mark.parametrize(
    "command",
    [["regenerate", "f"], ["add", "flag", "f"], ["remove", "mark", "f"], ["add", "note", "f"]],
)
def test_missing_root_is_an_error_by_name_and_nothing_is_written(kvgen, tmp_path, mine, command):
    _ran(kvgen, "new", "count", "f", "-l", "go", "--templates", "mine")
    _ran(kvgen, "add", "mark", "f")
    mine.rename(tmp_path / "moved")
    before = _tree(tmp_path / "f")
    result = _ran(kvgen, *command, exit_code=1)
    assert "kvgen.toml: templates = '../mine': there is no folder" in result.stderr
    assert _tree(tmp_path / "f") == before
    _ran(kvgen, "regenerate", "f", "--check", "--templates", "moved")


def test_missing_root_on_the_command_line_is_bad_usage(kvgen, monkeypatch):
    result = _ran(kvgen, "list", "--templates", "nowhere", exit_code=2)
    assert "--templates 'nowhere': there is no such folder" in result.stderr
    monkeypatch.setenv("KVGEN_TEMPLATES", "nowhere")
    result = _ran(kvgen, "new", "flag", "f", "-l", "go", exit_code=2)
    assert "KVGEN_TEMPLATES 'nowhere': there is no such folder" in result.stderr


def test_changed_template_is_said_and_merged(kvgen, tmp_path, mine):
    _ran(kvgen, "new", "count", "f", "-l", "go", "--templates", "mine")
    handler = tmp_path / "f/handler.go"
    handler.write_text("my first line\n" + handler.read_text())
    template = mine / "count/go/handler.go.j2"
    template.write_text(template.read_text() + "a new last line\n")
    # A process of its own, as a user's next run is: this one has read the template already.
    process = kvgen_process(["regenerate", "f"], stdout=subprocess.PIPE, cwd=tmp_path)
    assert "changed  the templates of the pattern count" in process.communicate()[0]
    assert handler.read_text().startswith("my first line\n")
    assert handler.read_text().endswith("a new last line\n")
    process = kvgen_process(["regenerate", "f", "--json"], stdout=subprocess.PIPE, cwd=tmp_path)
    assert json.loads(process.communicate()[0])[0]["templates_changed"] == []


def test_list_and_show_say_whose_a_pattern_is(kvgen, tmp_path, mine):
    result = _ran(kvgen, "list", "--templates", "mine")
    assert f"count: Counting (from {mine})" in result.stdout
    listed = json.loads(_ran(kvgen, "list", "--json", "--templates", "mine").stdout)
    whose = {pattern["name"]: pattern["templates"] for pattern in listed["patterns"]}
    assert (whose["count"], whose["flag"]) == (str(mine), None)
    shown = _ran(kvgen, "show", "count", "-l", "go", "--templates", "mine")
    assert shown.stdout.startswith("handler of count\n")


def test_pattern_that_hides_another_is_said_so(kvgen, tmp_path, mine):
    (mine / "count").rename(mine / "flag")
    result = _ran(kvgen, "list", "--templates", "mine")
    assert f"the pattern flag comes from {mine}, which hides kvgen's own" in " ".join(
        result.stderr.split()
    )


@pytest.mark.parametrize("command", ["new", "add", "show"])
def test_language_that_a_pattern_lacks_is_refused_with_those_it_has(kvgen, tmp_path, mine, command):
    manifest = mine / "count/pattern.toml"
    manifest.write_text(manifest.read_text().split("[languages.go]")[0])
    _ran(kvgen, "new", "flag", "f", "-l", "go")
    folder = {"new": ["g", "-l", "go"], "add": ["f"], "show": ["-l", "go"]}[command]
    result = _ran(kvgen, command, "count", *folder, "--templates", "mine", exit_code=2)
    assert "the pattern 'count' is not written in go" in result.stderr
    left = [language.name for language in LANGUAGES if language.name != "go"]
    assert all(name in result.stderr for name in left)
    assert not (tmp_path / "g").exists()


def test_check_and_docs_know_the_patterns_of_a_root(kvgen, tmp_path, mine):
    shutil.rmtree(mine / "_shared")
    _ran(kvgen, "new", "note", "f", "-l", "go", "--templates", "mine")
    report = json.loads(_ran(kvgen, "check", "f", "--json", exit_code=1).stdout)[0]
    assert report["patterns"] == ["note"]
    assert "placeholder" in [finding["rule"] for finding in report["findings"]]
    page = tmp_path / "page.md"
    page.write_text("<!-- kvgen: note go handler -->\n<!-- kvgen: end -->\n")
    _ran(kvgen, "docs", "page.md", "--templates", "mine")
    assert "handler of note" in page.read_text()


def test_completion_knows_the_patterns_of_a_root(kvgen, mine):
    for words in ("kvgen new --templates mine c", "kvgen add --templates mine c"):
        environment = {
            "_KVGEN_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        assert "plain,count" in _ran(kvgen, env=environment).stdout.splitlines()
