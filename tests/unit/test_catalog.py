"""Manifests are read strictly, and the catalog holds nothing that no manifest names."""

import re

import pytest

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.catalog import load_pattern, pattern_names, templates_root
from kvgen.scaffold.model import LANGUAGES, TemplateFile

_MANIFEST = """\
title = "Counting"
summary = "Counts."
binding = "COUNTS"
kv_calls = "1"
needs = "nothing"

[options.step]
kind = "choice"
choices = ["one", "two"]
default = "one"
help = "How far."

[languages.javascript]
handler = "handler.js"
files = ["count/javascript/handler.js.j2", "_shared/javascript/kv.js"]

[languages.python]
handler = "function/handler.py"
files = ["count/python/function/handler.py.j2"]

[languages.go]
handler = "handler.go"
files = ["count/go/handler.go"]
"""


@pytest.fixture
def root(tmp_path):
    for source in re.findall(r'"([^"]+/[^"]+/[^"]+)"', _MANIFEST):
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).write_text("")
    (tmp_path / "count" / "pattern.toml").write_text(_MANIFEST)
    return tmp_path


def test_manifest_is_read_with_targets_and_common_options(root):
    pattern = load_pattern("count", root)
    assert pattern.files["javascript"] == (
        TemplateFile("count/javascript/handler.js.j2", "handler.js"),
        TemplateFile("_shared/javascript/kv.js", "kv.js"),
    )
    assert [option.name for option in pattern.options] == ["step", "expiry", "namespace-id"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title =", "titel =", "unknown key 'titel'; did you mean 'title'?"),
        ("choices =", "choises =", "unknown key 'options.step.choises'; did you mean"),
        ('kind = "choice"', 'kind = "duratoin"', "kind 'duratoin'; did you mean 'duration'"),
        ('default = "one"', 'default = "ten"', "options.step.default: --step 'ten'"),
        ('binding = "COUNTS"', "binding = 1", "binding is missing or not a string"),
        ("[languages.go]", "[languages.rust]", "unknown key 'languages.rust'"),
        ("handler.go", "main.go", "files: 'count/go/main.go' does not exist"),
        ('handler = "handler.go"', 'handler = "x.go"', "handler 'x.go' is not among its files"),
        ('title = "', 'title = "\n', "Illegal character"),
    ],
)
def test_manifest_that_is_not_right_is_refused_by_file_and_key(root, old, new, complaint):
    manifest = root / "count" / "pattern.toml"
    manifest.write_text(_MANIFEST.replace(old, new))
    with pytest.raises(KvgenError, match=re.escape(complaint)) as caught:
        load_pattern("count", root)
    assert str(manifest) in caught.value.message


def test_manifest_without_a_language_is_refused(root):
    (root / "count" / "pattern.toml").write_text(_MANIFEST.split("[languages.go]")[0])
    with pytest.raises(KvgenError, match=re.escape("no [languages.go]")):
        load_pattern("count", root)


def test_unknown_pattern_is_refused_with_the_near_one():
    with pytest.raises(InvalidAnswerError, match="'sesion'; did you mean 'session'"):
        load_pattern("sesion")


def test_every_template_is_named_by_a_manifest():
    root = templates_root()
    named = {
        file.source
        for pattern in map(load_pattern, pattern_names())
        for files in pattern.files.values()
        for file in files
    }
    present = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    manifests = {f"{name}/pattern.toml" for name in pattern_names()}
    assert present == named | manifests | {"_docs/use-cases.md"}


@pytest.mark.parametrize("name", pattern_names())
def test_every_pattern_has_the_same_roles_in_every_language(name):
    pattern = load_pattern(name)
    assert set(pattern.files) == {language.name for language in LANGUAGES}
    for files in pattern.files.values():
        targets = [file.target for file in files]
        assert {"README.md", "func.toml", ".env.example", ".gitignore"} <= set(targets)
        assert len(targets) == len(set(targets))


def test_templates_carry_control_tags_on_at_most_a_tenth_of_their_lines():
    for path in templates_root().rglob("*.j2"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert sum("{%" in line for line in lines) * 10 <= max(len(lines), 10), path
