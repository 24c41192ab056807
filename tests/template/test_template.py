"""`kvgen template`: a pattern to begin with that works, and a check that misses nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kvgen.languages.toolchains import find_go, find_node, go_environment
from kvgen.scaffold.kinds import KINDS
from kvgen.template.extremes import EXTREMES
from kvgen.template.inspection import check_root
from kvgen.template.starter import starter_languages

_OWN_TESTS = {
    "go": [str(find_go()), "test", "./..."],
    "javascript": [str(find_node()), "--test"],
    "typescript": [str(find_node((22, 18))), "--test"],
    "python": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
}


@pytest.fixture
def root(kvgen, tmp_path):
    """A root with the pattern price-list in Go, as kvgen template new begins one."""
    assert kvgen("template", "new", "price-list", "root", "-l", "go").exit_code == 0
    return tmp_path / "root"


def _found(root):
    return [(finding.rule.name, finding.path, finding.line) for finding in check_root(root)]


def _change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("language", starter_languages())
def test_first_pattern_passes_its_own_tests(kvgen, tmp_path, language):
    result = kvgen("template", "new", "price-list", "root", "-l", language, "--json")
    assert result.exit_code == 0, result.output
    begun = json.loads(result.stdout)
    assert begun["languages"] == [language]
    files = {str(p.relative_to(begun["folder"])) for p in Path(begun["folder"]).rglob("*.*")}
    assert set(begun["files"]) <= files
    made = kvgen("new", "price-list", "made", "-l", language, "--templates", "root")
    assert made.exit_code == 0, made.output
    done = subprocess.run(
        _OWN_TESTS[language],
        cwd=tmp_path / "made",
        env=go_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["w" * 40, "a-1-b-2-c"])
def test_first_pattern_is_clean_under_any_name(kvgen, tmp_path, name):
    assert kvgen("template", "new", name, "root").exit_code == 0
    result = kvgen("template", "check", "root", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_two_patterns_of_one_beginning_go_into_one_function(kvgen, tmp_path, root):
    assert kvgen("template", "new", "other", "root", "-l", "go").exit_code == 0
    assert kvgen("new", "other", "f", "-l", "go", "--templates", "root").exit_code == 0
    assert kvgen("add", "price-list", "f", "--templates", "root").exit_code == 0
    done = subprocess.run(
        _OWN_TESTS["go"], cwd=tmp_path / "f", env=go_environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["kv", "Price", "a_b", "..", "class", "", "../x"])
def test_name_that_no_pattern_can_have_is_refused(kvgen, tmp_path, name):
    result = kvgen("template", "new", name, "root")
    assert result.exit_code == 2
    assert not (tmp_path / "root").exists()


def test_pattern_that_exists_is_left_alone(kvgen, root):
    before = (root / "price-list/pattern.toml").read_bytes()
    result = kvgen("template", "new", "price-list", "root")
    assert (result.exit_code, "exists" in result.stderr) == (1, True)
    assert (root / "price-list/pattern.toml").read_bytes() == before


def test_every_kind_of_option_has_answers_at_its_ends():
    assert EXTREMES.keys() == KINDS.keys()
    for kind, texts in EXTREMES.items():
        for text in texts:
            KINDS[kind](text)


_MANIFEST = "price-list/pattern.toml"
_HANDLER = "price-list/go/handler.go.j2"
_PART = "price-list/go/price-list.go"
_TEST = "price-list/go/price-list_test.go"
_AT_KV = '  { source = "price-list.go", target = "kv.go" },'
_WRONG = {
    "unknown key": (_MANIFEST, "kv_calls =", "kv_cals =", "manifest", _MANIFEST, 10),
    "kind": (_MANIFEST, 'kind = "duration"', 'kind = "durration"', "manifest", _MANIFEST, 19),
    "syntax of TOML": (_MANIFEST, 'title = "', "title = ", "manifest", _MANIFEST, 8),
    "unknown table": (_MANIFEST, "[options.ttl]", "[option.ttl]", "manifest", _MANIFEST, 18),
    "missing file": (_MANIFEST, '"price-list.go"', '"x.go"', "manifest", _MANIFEST, 34),
    "way out": (_MANIFEST, '"price-list.go"', '"../../x.go"', "manifest", _MANIFEST, 34),
    "unnamed": (_MANIFEST, '  "price-list_test.go",\n', "", "unnamed", _TEST, None),
    "unquoted": (_HANDLER, "{{ ttl | seconds }}", "{{ ttl }}", "template", _HANDLER, 9),
    "filter": (_HANDLER, "| seconds", "| secs", "template", _HANDLER, 9),
    "name": (_HANDLER, "{{ ttl |", "{{ tll |", "template", _HANDLER, 9),
    "escape": (_HANDLER, "{{ ttl |", "{{ ttl.__class__ |", "template", _HANDLER, 9),
    "tag": (_HANDLER, "{{ ttl", "{% if ttl", "template", _HANDLER, 9),
    "collision": (_MANIFEST, '  "price-list.go",', _AT_KV, "collision", _PART, None),
    "syntax of Go": (_HANDLER, "return nil", "return nil }", "go-build", _HANDLER, None),
    "format": (_PART, "import \"context\"", "import    \"context\"", "format", _PART, None),
}  # fmt: skip


@pytest.mark.parametrize("wrong", _WRONG)
def test_what_is_wrong_is_found_by_file_and_line(root, wrong):
    path, old, new, *finding = _WRONG[wrong]
    _change(root / path, old, new)
    assert tuple(finding) in _found(root)


def test_option_that_no_template_prints_is_found(root):
    manifest = root / "price-list/pattern.toml"
    option = '[options.colour]\nkind = "prefix"\ndefault = "red"\nhelp = "Which."\n\n'
    _change(manifest, "[options.ttl]", f"{option}[options.ttl]")
    line = manifest.read_text().splitlines().index("[options.colour]") + 1
    assert _found(root) == [("unprinted", _MANIFEST, line)]


def test_part_that_depends_on_the_function_is_found(root):
    part = root / "price-list/go/price-list.go"
    part.with_suffix(".go.j2").write_text(
        part.read_text() + "\nconst priceListOf = {{ name | go }}\n"
    )
    part.unlink()
    _change(root / "price-list/pattern.toml", '"price-list.go"', '"price-list.go.j2"')
    assert ("differs", f"{_PART}.j2", None) in _found(root)


def test_line_that_is_only_too_long_for_the_longest_answer_is_found(kvgen, tmp_path):
    assert kvgen("template", "new", "price-list", "root", "-l", "python").exit_code == 0
    handler = tmp_path / "root/price-list/python/function/handler.py.j2"
    hole = "TTL = {{ ttl | seconds }}  # {{ ttl | human }}"
    _change(handler, hole, f"{hole}\nHEADERS = [{{{{ header | py }}}}, {{{{ header | py }}}}]")
    option = '[options.header]\nkind = "header"\ndefault = "X-A"\nhelp = "Which."\n\n'
    _change(tmp_path / "root" / _MANIFEST, "[options.ttl]", f"{option}[options.ttl]")
    place = "price-list/python/function/handler.py.j2"
    assert _found(tmp_path / "root") == [("format", place, None)]
    said = kvgen("template", "check", "root").stdout
    assert "is formatted as 'HEADERS = ['" in said
    assert "black --diff . shows how" in said


def test_default_that_its_kind_refuses_is_an_error_with_an_example(kvgen, root):
    for default in ("", "soon"):
        assert kvgen("template", "new", "stock", f"with-{default}", "-l", "go").exit_code == 0
        manifest = root.parent / f"with-{default}" / "stock" / "pattern.toml"
        _change(manifest, 'default = "5m"', f'default = "{default}"')
        result = kvgen("template", "check", f"with-{default}")
        assert result.exit_code == 1
        assert f"options.ttl.default: --ttl '{default}': a duration" in result.stdout


def test_error_in_a_manifest_says_what_is_allowed_and_where_it_is_written(kvgen, root):
    for old, new, allowed in (
        ('kind = "duration"', 'kind = "number"', "the kinds are choice, duration, "),
        ('kind = "duration"', 'kind = "choice"', "choices is empty"),
        ("[options.ttl]", "[option.ttl]", "the keys here are title, "),
    ):
        manifest = root / _MANIFEST
        before = manifest.read_text()
        _change(manifest, old, new)
        result = kvgen("new", "price-list", "x", "-l", "go", "--templates", "root")
        assert result.exit_code == 1
        assert f"{manifest}: " in result.stderr
        assert allowed in result.stderr
        assert "Hint: kvgen template reference lists all keys and kinds" in result.stderr
        manifest.write_text(before)


def test_unknown_pattern_names_the_templates_that_were_looked_into(kvgen, root):
    result = kvgen("new", "prices", "x", "-l", "go", "--templates", "root")
    assert f"price-list, session, webhook; those in {root} are among them" in result.stderr


def test_pattern_in_one_language_needs_no_language(kvgen, tmp_path):
    assert kvgen("template", "new", "price-list", "root", "-l", "go").exit_code == 0
    result = kvgen("new", "price-list", "x", "--templates", "root")
    assert result.exit_code == 0
    assert (tmp_path / "x" / "handler.go").exists()
    assert "func handler(" in kvgen("show", "price-list", "--templates", "root").stdout


def test_first_pattern_that_hides_one_of_kvgens_warns(kvgen, tmp_path):
    result = kvgen("template", "new", "flag", "root", "-l", "go")
    assert result.exit_code == 0
    assert f"the pattern flag comes from {tmp_path / 'root'}, which hides kvgen's own" in " ".join(
        result.stderr.split()
    )


def test_link_and_folder_without_a_manifest_are_found(root):
    (root / "price-list/go/more").symlink_to("/etc/hosts")
    (root / "empty").mkdir()
    assert _found(root) == [
        ("unnamed", "price-list/go/more", None),
        ("no-manifest", "empty", None),
    ]


def test_check_ends_with_1_and_says_it_as_json(kvgen, root):
    _change(root / _HANDLER, "{{ ttl | seconds }}", "{{ ttl }}")
    result = kvgen("template", "check", "root", "--json")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert (finding["rule"], finding["path"], finding["line"]) == ("template", _HANDLER, 9)
    assert f"root/{_HANDLER}:9" in result.stderr


def test_file_of_a_pattern_is_no_module_of_its_formatter(kvgen, tmp_path):
    """Python looks for modules in the folder that it is started in first."""
    assert kvgen("template", "new", "price-list", "root", "-l", "python").exit_code == 0
    ran, own = tmp_path / "ran", tmp_path / "root/price-list/python/black.py"
    own.write_text(f'RAN = "{ran}"\nopen(RAN, "w")\n')
    _change(tmp_path / "root" / _MANIFEST, "parts = [\n", 'parts = [\n  "black.py",\n')
    assert _found(tmp_path / "root") == []
    assert not ran.exists()


def test_folder_without_patterns_is_refused(kvgen, root):
    result = kvgen("template", "check", "root/price-list")
    assert result.exit_code == 1
    assert f"name its root: kvgen template check {root}" in result.stderr
    (root / _MANIFEST).unlink()
    result = kvgen("template", "check", "root")
    assert result.exit_code == 1
    assert f"{root} has no patterns" in result.stderr


def test_missing_formatter_is_a_note(kvgen, tmp_path, monkeypatch):
    assert kvgen("template", "new", "price-list", "root", "-l", "js").exit_code == 0
    monkeypatch.setenv("PATH", str(find_node().parent))
    result = kvgen("template", "check", "root", "--json")
    assert result.exit_code == 0
    assert [finding["rule"] for finding in json.loads(result.stdout)] == ["not-run"]
