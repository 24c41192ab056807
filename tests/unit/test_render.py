"""Rendering goes through all patterns of a function, and prints only what a filter has quoted."""

import re

import pytest

from kvgen.errors import KvgenError
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import check_pattern, new_function
from kvgen.scaffold.lock import lock_text, parse_lock
from kvgen.scaffold.model import encoded
from kvgen.scaffold.render import render, render_section, render_use
from tests.unit.catalog import only, part_of


def _answers(root, *patterns, language="go", **given):
    first, *others = patterns
    answers = new_function(load_pattern(first, only(root)), language, "My-name", given, only(root))
    more = {name: check_pattern(load_pattern(name, only(root)), {}) for name in others}
    return answers._replace(patterns=dict(sorted({**answers.patterns, **more}.items())))


def _texts(answers, root):
    files = render(answers)
    assert [file.path for file in files] == sorted({file.path for file in files})
    return {file.path: file.text for file in files}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_function_has_the_handler_of_its_first_pattern_and_the_parts_of_all(root, language):
    texts = _texts(_answers(root, "note", "count", language=language.name), root)
    assert texts[language.handler].startswith("handler of note\n`https://note.example.com`")
    assert texts[part_of("note", language)].startswith("part of note\n")
    assert texts[part_of("count", language)].startswith("part of count\n86400\n`X-Count`\n")
    assert part_of("mark", language) not in texts


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_function_that_kvgen_did_not_make_has_the_parts_and_the_client_alone(root, language):
    answers = _answers(root, "note", "count", language=language.name)._replace(handler=None)
    parts = {part_of("note", language), part_of("count", language)}
    assert _texts(answers, root).keys() == parts | {language.kv[0]}


def test_manifests_have_the_variables_and_dependencies_of_all_patterns(root):
    texts = _texts(_answers(root, "count", "note", language="python"), root)
    url = "https://note.example.com"
    assert f'KV_NAMESPACE_ID = "REPLACE-WITH-NAMESPACE-ID"\nNOTE_URL = "{url}"\n' in (
        texts["func.toml"]
    )
    assert f"KV_NAMESPACE_ID=REPLACE-WITH-NAMESPACE-ID\nNOTE_URL={url}\n" in texts[".env.example"]
    assert '"notes>=1"' in texts["pyproject.toml"]
    own = BY_NAME["python"].kv_dependencies + BY_NAME["python"].function_dependencies
    assert all(f'"{each}"' in texts["pyproject.toml"] for each in own)
    assert "NOTE_URL" not in _texts(_answers(root, "count"), root)["func.toml"]


def test_readme_has_a_section_for_each_pattern_the_handlers_first(root):
    readme = _texts(_answers(root, "note", "count", "mark"), root)["README.md"]
    assert readme.startswith("# `My-name`\n\nNoting `REPLACE")
    assert re.findall("^## (.*)$", readme, re.MULTILINE) == ["note", "count", "mark"]
    assert render_section(_answers(root, "note", "count"), "count") in readme


def test_use_is_that_of_kvgens_handler_or_of_a_foreign_one(root):
    answers, count = _answers(root, "count"), load_pattern("count", only(root))
    assert render_use(answers, count) == "use count\n"
    assert render_use(answers._replace(handler=None), count) == "use count elsewhere\n"


def test_file_is_made_where_the_answers_ask_for_it(root):
    manifest = root / "count" / "pattern.toml"
    table = '{ source = "count.go.j2", unless = "cookie" }, { source = "x.go", when = "cookie" }'
    manifest.write_text(manifest.read_text().replace('"count.go.j2"', table))
    (root / "count/go/x.go").write_text("with a cookie\n")
    assert {"count.go", "x.go"} & _texts(_answers(root, "count"), root).keys() == {"count.go"}
    with_cookie = _texts(_answers(root, "count", cookie="sid"), root)
    assert {"count.go", "x.go"} & with_cookie.keys() == {"x.go"}
    assert "`sid`" in with_cookie["handler.go"]


def _one(root, text, suffix=".j2"):
    """Render a text in the place of a handler of Go."""
    (root / "count/go/handler.go.j2").unlink()
    (root / f"count/go/handler.go{suffix}").write_text(text)
    manifest = root / "count" / "pattern.toml"
    manifest.write_text(manifest.read_text().replace('"handler.go.j2"', f'"handler.go{suffix}"'))
    return _texts(_answers(root, "count"), root)["handler.go"]


def test_quoted_answers_are_printed(root):
    text = "{{ header | go }} {{ ttl | seconds }} {{ ttl | human }} {{ handler | code }}\n"
    assert _one(root, text) == '"X-Count" 86400 24 hours `count`\n'


@pytest.mark.parametrize(
    "hole", ["header", "ttl", "name", "expiry", "handler", "'x' ~ name", "header | go ~ name"]
)
def test_unquoted_answer_is_refused(root, hole):
    with pytest.raises(KvgenError, match=r"handler\.go\.j2:1: .* without a literal filter"):
        _one(root, "{{ %s }}" % hole)  # noqa: UP031 - braces of the template's own


@pytest.mark.parametrize("name", ["tll", "sections", "place"])
def test_name_that_a_pattern_does_not_have_is_refused(root, name):
    with pytest.raises(KvgenError, match=rf"handler\.go\.j2:1: '{name}' is undefined"):
        _one(root, "{{ %s }}" % name)  # noqa: UP031 - braces of the template's own


def test_tag_without_a_word_is_a_tag(root):
    assert _one(root, "a{# ... #}b\n") == "ab\n"


def test_file_without_the_suffix_is_copied_as_it_is(root):
    assert _one(root, "{{ left }} {% alone\n", suffix="") == "{{ left }} {% alone\n"


def test_variable_of_an_option_that_is_a_duration_or_empty_is_its_text(root):
    manifest = root / "count" / "pattern.toml"
    tables = '[env.A_TTL]\noption = "ttl"\n[env.B_COOKIE]\noption = "cookie"\n[options.ttl]'
    manifest.write_text(manifest.read_text().replace("[options.ttl]", tables))
    func = _texts(_answers(root, "count"), root)["func.toml"]
    assert 'A_TTL = "24h"\nB_COOKIE = ""\n' in func


def test_two_templates_of_one_file_are_refused(root):
    manifest = root / "count" / "pattern.toml"
    table = '{ source = "count.go.j2", target = "README.md" }'
    manifest.write_text(manifest.read_text().replace('"count.go.j2"', table))
    with pytest.raises(KvgenError, match=r"README\.md\.j2 and count/go/count\.go\.j2 both make"):
        _texts(_answers(root, "count"), root)


def test_binary_file_is_copied_where_the_manifest_says_raw_and_refused_elsewhere(root):
    manifest = root / "count" / "pattern.toml"
    content = bytes(range(256)) + "{{ x }} ü\r\n".encode()
    (root / "count/go/logo.png").write_bytes(content)
    text = manifest.read_text()
    manifest.write_text(
        text.replace('"count.go.j2"', '{ source = "logo.png", raw = true }, "count.go.j2"')
    )
    answers = _answers(root, "count")
    logo = next(file for file in render(answers) if file.path == "logo.png")
    assert encoded(logo.text) == content
    assert parse_lock(lock_text([logo])).texts == {"logo.png": logo.text}


def test_binary_file_that_is_not_raw_is_refused_by_line(root):
    manifest = root / "count" / "pattern.toml"
    (root / "count/go/logo.png").write_bytes(b"\n\xff")
    manifest.write_text(manifest.read_text().replace('"count.go.j2"', '"logo.png"'))
    answers = _answers(root, "count")
    with pytest.raises(KvgenError, match=r"logo\.png:2: it is not UTF-8 text; a file with raw"):
        render(answers)
