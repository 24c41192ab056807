"""Manifests are read strictly, and the catalog holds nothing that no manifest names."""

import re
from itertools import chain

import pytest

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import (
    handler_lines,
    hidden_roots,
    load_pattern,
    origin_of,
    pattern_names,
    shared_files,
)
from kvgen.scaffold.function import new_function
from kvgen.scaffold.manifest import parse_pattern
from kvgen.scaffold.model import FirstRequest, TemplateFile, Variable
from kvgen.scaffold.roots import OWN_ROOT, Templates
from tests.unit.catalog import only, write_catalog

_EVERY = [(name, language) for name in pattern_names() for language in load_pattern(name).languages]


def test_manifest_is_read_with_its_options_files_and_requests(root):
    count = load_pattern("count", only(root))
    assert [(o.name, o.default, o.instead_of) for o in count.options] == [
        ("ttl", "24h", ""),
        ("header", "X-Count", ""),
        ("cookie", "", "header"),
    ]
    assert count.first_requests == (
        FirstRequest("ask", unless="cookie"),
        FirstRequest("look", when="cookie"),
    )
    written = count.languages["go"]
    assert written.parts == (TemplateFile("count/go/count.go.j2", "count.go"),)
    assert written.function == (
        TemplateFile("count/go/handler.go.j2", "handler.go"),
        TemplateFile("count/go/handler_check.txt", "handler_check.txt"),
    )
    assert written.section == "count/go/section.md.j2"
    assert written.foreign_use == (TemplateFile("count/go/use.foreign.txt", "use.foreign.txt"),)
    assert load_pattern("note", only(root)).variables == (
        Variable("NOTE_URL", "place", "https://note.example.com", stand_in="origin"),
    )
    assert load_pattern("note", only(root)).languages["python"].dependencies == ("notes>=1",)


def test_use_in_a_foreign_handler_is_the_use_in_kvgens_where_nothing_else_is_said(root):
    _change(root, "count", 'foreign_use = ["use.foreign.txt"]\n', "")
    written = load_pattern("count", only(root)).languages["javascript"]
    assert written.foreign_use == written.use


def test_file_may_say_its_target_and_when_it_is_wanted(root):
    table = '{ source = "count.go.j2", target = "sub/x.go", unless = "cookie" }'
    _change(root, "count", '"count.go.j2"', table)
    (file,) = load_pattern("count", only(root)).languages["go"].parts
    assert file == TemplateFile("count/go/count.go.j2", "sub/x.go", unless="cookie")


_WRONG = [
    ('title = "Counting"', "", "title is missing"),
    ("title =", "titel =", "unknown key 'titel'; did you mean 'title'?"),
    ('title = "', 'title = "\n', "Illegal character"),
    ('kv_calls = "1"', "kv_calls = 1", "kv_calls is not a string"),
    ("[options.ttl]", "[option.ttl]", "unknown key 'option'; did you mean 'options'?"),
    ("[options.ttl]", '[options."t l"]', "options.t l: a name has 1 to 40"),
    ("[options.ttl]", "[options.expiry]", "options.expiry: every pattern has an option"),
    ("[options.ttl]", "[options.name]", "options.name: every pattern has an option"),
    ("[options.ttl]", "[options.force]", "options.force: every pattern has an option"),
    ('kind = "duration"', 'kind = "duratoin"', "options.ttl.kind 'duratoin'; did you mean 'dur"),
    ('kind = "duration"', 'kinds = "duration"', "unknown key 'options.ttl.kinds'; did you mean"),
    ('kind = "duration"', 'kind = "choice"', "options.ttl.choices is empty"),
    ('kind = "duration"', 'kind = "choice"\nchoices = "24h"', "ttl.choices is not a list of str"),
    ('default = "24h"', 'default = "soon"', "options.ttl.default: --ttl 'soon': a duration"),
    ('help = "How long."', "", "options.ttl.help is missing"),
    (
        'instead_of = "header"',
        'instead_of = "hedder"',
        "cookie.instead_of 'hedder' is not an option",
    ),
    ("[options.ttl]", "[env.kv_url]\noption = 'ttl'\n[options.ttl]", "env.kv_url: a variable's"),
    (
        "[options.ttl]",
        "[env.A]\noption = 'tll'\n[options.ttl]",
        "env.A.option 'tll' is not an option",
    ),
    ("[options.ttl]", "[env.A]\n[options.ttl]", "env.A.option is missing"),
    ("[options.ttl]", "[env.A]\noption = ''\n[options.ttl]", "env.A.option '' is not an option"),
    ("[options.ttl]", "[env.A]\noption = 'ttl'\nstand_in = 'x'\n[options.ttl]", "'x' is not one"),
    ("[options.ttl]", "[env.A]\nplaceholder = ''\n[options.ttl]", "unknown key 'env.A.placeholder"),
    (
        "[options.ttl]",
        "[env.KV_NAMESPACE_ID]\noption = 'ttl'\n[options.ttl]",
        "env.KV_NAMESPACE_ID: every function has a variable of this name",
    ),
    ("[options.ttl]", "[dependencies]\nrust = []\n[options.ttl]", "unknown key 'dependencies.rus"),
    ("[options.ttl]", "[dependencies]\npython = 'a'\n[options.ttl]", "dependencies.python is not"),
    ('when = "cookie" }]', 'wen = "cookie" }]', "unknown key 'first_requests.wen'"),
    (
        'when = "cookie" }]',
        'when = "cokie" }]',
        "first_requests.when 'cokie' is not an option; did",
    ),
    ('unless = "cookie" }', 'unless = "cokie" }', "first_requests.unless 'cokie' is not an option"),
    ('first_requests = [{ text = "ask",', "first_requests = [{", "first_requests.text is missing"),
    ("first_requests = [", "first_requests = [1, ", "first_requests: 1 is not a table"),
    ("[languages.go]", "[languages.rust]", "unknown key 'languages.rust'"),
    ('parts = ["count.go.j2"]', 'part = ["count.go.j2"]', "unknown key 'languages.go.part'"),
    ('parts = ["count.go.j2"]', "", "languages.go.parts is missing"),
    ('parts = ["count.go.j2"]', "parts = 1", "languages.go.parts is not a list"),
    ('parts = ["count.go.j2"]', "parts = [1]", "languages.go.parts: 1 is not a table"),
    ('parts = ["count.go.j2"]', 'parts = ["x.go"]', "languages.go: 'count/go/x.go' does not exist"),
    ('parts = ["count.go.j2"]', 'parts = ["../x.go"]', "parts: '../x.go' is not a path below"),
    (
        'parts = ["count.go.j2"]',
        'parts = ["/etc/hosts"]',
        "parts: '/etc/hosts' is not a path below",
    ),
    (
        'parts = ["count.go.j2"]',
        'parts = [{ source = "count.go.j2", target = "../x" }]',
        "languages.go.parts: '../x' is not a path below the folder",
    ),
    (
        'parts = ["count.go.j2"]',
        'parts = [{ source = "count.go.j2", when = "cokie" }]',
        "languages.go.parts.when 'cokie' is not an option; did you mean 'cookie'?",
    ),
    ('function = ["handler.go.j2", ', "function = [", "languages.go.function has no handler.go"),
]


@pytest.mark.parametrize(("old", "new", "complaint"), _WRONG, ids=[wrong[2] for wrong in _WRONG])
def test_manifest_that_is_not_right_is_refused_by_file_and_key(root, old, new, complaint):
    _change(root, "count", old, new)
    with pytest.raises(KvgenError, match=re.escape(complaint)) as caught:
        load_pattern("count", only(root))
    assert str(root / "count" / "pattern.toml") in caught.value.message


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("section", "section is missing"),
        ("use", "languages.go.use is missing"),
        ("function", "languages.go.function is missing"),
    ],
)
def test_manifest_that_leaves_out_what_a_language_needs_is_refused(root, key, complaint):
    manifest = root / "count" / "pattern.toml"
    before, header, after = manifest.read_text().partition("[languages.go]\n")
    lines = [line for line in after.splitlines() if not line.startswith(f"{key} =")]
    manifest.write_text("\n".join([before, header, *lines]))
    with pytest.raises(KvgenError, match=re.escape(complaint)):
        load_pattern("count", only(root))


def test_pattern_may_leave_languages_out_but_not_all(root):
    manifest = root / "count" / "pattern.toml"
    manifest.write_text(manifest.read_text().split("[languages.go]")[0])
    count = load_pattern("count", only(root))
    assert "go" not in count.languages
    with pytest.raises(InvalidAnswerError, match="'count' is not written in go") as caught:
        new_function(count, "go", "f", {}, only(root))
    assert caught.value.hint == f"it is in {', '.join(count.languages)}"
    bare = root / "bare" / "pattern.toml"
    bare.parent.mkdir()
    bare.write_text(manifest.read_text().split("[languages.")[0])
    with pytest.raises(KvgenError, match=re.escape("no language: it has one of [languages.")):
        load_pattern("bare", only(root))


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda path: path.mkdir(), "is not a file"),
        (lambda path: path.write_bytes(b"title = '\xff'"), "it is not UTF-8 text"),
        (lambda path: path.write_text("#" * 10_000_000), "has more than"),
        (lambda path: path.write_text(f"title = {'[' * 20_000}"), "nested too deeply"),
        (lambda path: path.symlink_to("/etc/hosts"), "through a symbolic link"),
        (lambda path: path.mkdir(), "pattern.toml"),
    ],
)
def test_manifest_that_cannot_be_read_is_refused(root, break_it, complaint):
    manifest = root / "count" / "pattern.toml"
    manifest.unlink()
    break_it(manifest)
    with pytest.raises(KvgenError, match=re.escape(complaint)):
        load_pattern("count", only(root))


def test_source_that_is_a_link_or_a_folder_is_refused(root):
    source = root / "count/go/count.go.j2"
    source.unlink()
    source.symlink_to("/etc/hosts")
    with pytest.raises(KvgenError, match=r"'count/go/count\.go\.j2' is a link, not a file"):
        load_pattern("count", only(root))
    (root / "note/go").rename(root / "elsewhere")
    (root / "note/go").symlink_to(root / "elsewhere")
    with pytest.raises(KvgenError, match="through a symbolic link"):
        load_pattern("note", only(root))


@pytest.mark.parametrize("target", ["kvgen.toml", "kvgen.lock", ".env", ".git/hooks/x", "a/.b/c"])
def test_target_that_no_template_may_make_is_refused(root, target):
    _change(root, "count", '"count.go.j2"', f'{{ source = "count.go.j2", target = "{target}" }}')
    with pytest.raises(KvgenError, match="is not a path at which a template may make a file"):
        load_pattern("count", only(root))


@pytest.mark.parametrize("path", [".env", "kvgen.lock.j2", ".git/config", "vendor/a.go"])
def test_shared_file_that_no_template_may_make_is_refused(root, path):
    (root / "_shared/any" / path).parent.mkdir(exist_ok=True)
    (root / "_shared/any" / path).write_text("x")
    with pytest.raises(KvgenError, match=re.escape(f"_shared/any/{path}: '{path[:4]}")):
        shared_files("go", only(root))


def test_first_of_two_roots_counts_for_patterns_and_for_shared_files(tmp_path, root):
    mine = write_catalog(tmp_path / "mine")
    _change(mine, "count", 'title = "Counting"', 'title = "Counting too"')
    (mine / "_shared/go/more.go").write_text("more\n")
    both = Templates(mine, "", (root,))
    count = load_pattern("count", both)
    assert (count.title, count.root, hidden_roots(count, both)) == ("Counting too", mine, [root])
    assert pattern_names(both) == pattern_names(only(root))
    targets = [file.target for file in shared_files("go", both)]
    assert targets.count("kv.go") == targets.count("more.go") == 1


def test_origin_is_a_hash_of_what_a_language_is_made_from(root):
    before = [origin_of(load_pattern("count", only(root)), la) for la in ("go", "python")]
    source = root / "count/go/count.go.j2"
    source.write_text(source.read_text() + "more\n")
    after = [origin_of(load_pattern("count", only(root)), la) for la in ("go", "python")]
    assert before[0] != after[0]
    assert before[1] == after[1]
    assert origin_of(load_pattern(pattern_names()[0]), "go") is None


@pytest.mark.parametrize(
    "name", ["kv", "handler", "index", "entry", "func", "Count", "", "a_b", "1a"]
)
def test_pattern_with_a_name_that_is_taken_or_no_name_is_refused(name):
    with pytest.raises(ValueError, match="a pattern cannot be called"):
        parse_pattern(name, {})


def test_unknown_pattern_is_refused_with_the_near_one(root):
    with pytest.raises(InvalidAnswerError, match="'cout'; did you mean 'count'"):
        load_pattern("cout", only(root))


def test_shared_files_are_those_of_all_languages_and_of_one(root):
    targets = [file.target for file in shared_files("python", only(root))]
    assert targets == sorted(targets)
    assert {"README.md", "func.toml", "function/kv.py", "pyproject.toml"} <= set(targets)
    assert "kv.go" not in targets


# kvgen's own templates


def test_every_template_is_named_by_a_manifest_or_shared():
    root = OWN_ROOT
    named = {f"{name}/pattern.toml" for name in pattern_names()}
    for pattern, language in ((load_pattern(p), la) for p, la in _EVERY):
        written = pattern.languages[language]
        groups = (written.parts, written.function, written.use, written.foreign_use)
        named |= {written.section, *(file.source for file in chain(*groups))}
        for store in BY_NAME[language].stores:
            named |= {file.source for file in shared_files(language, store=store)}
    files = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    present = {str(path) for path in files if path.parts[0] not in ("_docs", "_starter")}
    assert present == named


@pytest.mark.parametrize("language", BY_NAME)
def test_no_file_is_made_by_two_patterns_or_by_one_and_by_all(language):
    patterns = [load_pattern(name) for name in pattern_names()]
    written = [each.languages[language] for each in patterns if language in each.languages]
    # Of two files with a condition each, only one is made.
    parts = [{file.target for file in each.parts} for each in written]
    together = [*parts, {file.target for file in shared_files(language)}]
    assert len(set.union(*together)) == sum(map(len, together))
    for each in written:
        assert set.union(*together).isdisjoint(file.target for file in each.function)


@pytest.mark.parametrize(("pattern", "language"), _EVERY)
def test_handler_is_of_a_length_that_can_be_told(pattern, language):
    assert 5 < handler_lines(load_pattern(pattern), language) < 80


def test_templates_carry_control_tags_on_at_most_a_tenth_of_their_lines():
    for path in OWN_ROOT.rglob("*.j2"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert sum("{%" in line for line in lines) * 10 <= max(len(lines), 10), path


def _change(root, pattern, old, new):
    manifest = root / pattern / "pattern.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new, 1))
