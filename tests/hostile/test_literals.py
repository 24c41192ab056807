"""A literal filter is total: what it returns is read back as the text, or it refuses the text."""

import ast
import io
import json
import re
import shlex
import subprocess
import tomllib

import black
import pytest
import tomlkit
from black.report import NothingChanged
from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kvgen.languages.describe import LANGUAGES
from kvgen.languages.go.describe import go
from kvgen.languages.javascript.describe import js
from kvgen.languages.python.describe import py
from kvgen.quoting import Literal
from kvgen.scaffold import literals
from tests.hostile.amount import examples
from tests.hostile.readers import source_in_sh
from tests.hostile.texts import (
    EVERYTHING,
    FRAGMENTS,
    any_text,
    has_half_pair,
    hostile,
    hostile_line,
    printable,
)

_QUOTED = (js, py, go, literals.toml, literals.json)
_EVERY = (*_QUOTED, literals.dotenv, literals.sh, literals.code)
_MARKDOWN = MarkdownIt("commonmark")

_lines = st.one_of(printable, hostile_line, hostile)


def _quoted(quote, text):
    """Return the literal; None for a text that no file can hold, which has to be refused."""
    if not has_half_pair(text):
        return quote(text)
    with pytest.raises(ValueError, match="half of a surrogate pair"):
        quote(text)
    return None


def _line(quote, text):
    """Return what a filter for one line makes of a text, or None where it refuses it."""
    try:
        return quote(text)
    except ValueError:
        return None


@pytest.mark.parametrize("quote", _EVERY)
@examples(200)
@given(st.one_of(hostile, any_text))
@example(EVERYTHING)
def test_literal_is_one_line_of_printable_ascii_or_a_refusal(quote, text):
    try:
        literal = quote(text)
    except ValueError:
        assert quote not in _QUOTED or has_half_pair(text)
        return
    assert type(literal) is Literal
    assert re.fullmatch("[ -~]*", literal)


@pytest.mark.parametrize("quote", [literals.sh, literals.code, literals.dotenv])
@examples(200)
@given(printable)
def test_printable_text_is_refused_only_where_its_readers_disagree(quote, text):
    refusable = {literals.sh: "", literals.code: "", literals.dotenv: "['\\\\]"}[quote]
    assert (_line(quote, text) is None) == bool(
        (refusable and re.search(refusable, text)) or (quote is literals.code and not text)
    )


@examples(250)
@given(st.one_of(hostile, any_text))
@example(EVERYTHING)
def test_python_reads_the_text_back(text):
    literal = _quoted(py, text)
    assert literal is None or ast.literal_eval(literal) == text


@examples(200)
@given(st.one_of(hostile, any_text))
@example(EVERYTHING)
def test_both_toml_readers_read_the_text_back(text):
    literal = _quoted(literals.toml, text)
    if literal is not None:
        assert tomllib.loads(f"a = {literal}\nb = 1") == {"a": text, "b": 1}
        assert tomlkit.parse(f"a = {literal}").unwrap() == {"a": text}


@examples(250)
@given(st.one_of(hostile, any_text))
@example(EVERYTHING)
def test_json_reads_the_text_back(text):
    literal = _quoted(literals.json, text)
    assert literal is None or json.loads(literal) == text


@examples(20)
@given(texts=st.lists(st.one_of(hostile, any_text), min_size=1, max_size=40))
@example(texts=[*FRAGMENTS, EVERYTHING])
def test_node_reads_the_texts_back(javascript, texts):
    wanted = [text for text in texts if not has_half_pair(text)]
    sources = [js(text) for text in wanted]
    assert javascript.ask("values", sources=sources) == wanted
    as_json = [literals.json(text) for text in wanted]
    assert javascript.ask("values", sources=as_json) == wanted


@examples(20)
@given(texts=st.lists(st.one_of(hostile, any_text), min_size=1, max_size=40))
@example(texts=[*FRAGMENTS, EVERYTHING])
def test_go_reads_the_texts_back(golang, texts):
    wanted = [text for text in texts if not has_half_pair(text)]
    sources = [go(text) for text in wanted]
    assert golang.ask("values", sources=sources) == wanted


@examples(100)
@given(text=st.one_of(hostile, printable))
def test_formatters_leave_the_literals_as_they_are(javascript, golang, text):
    if has_half_pair(text):
        return
    for source in (f"NAME = {py(text)}\n", f"name({py(text)})\n"):
        with pytest.raises(NothingChanged):
            black.format_file_contents(source, fast=True, mode=black.Mode(line_length=100_000))
    script = f"const NAME = {js(text)};\n"
    # A name as long as this one would go to a line of its own.
    assert len(script) > 80 or javascript.ask("isPretty", source=script, name="a.js")
    assert golang.ask("isFormatted", source=f"package p\n\nconst name = {go(text)}\n")


@examples(250)
@given(_lines)
@example("")
@example("-n")
def test_shlex_reads_one_word(text):
    word = _line(literals.sh, text)
    assert word is None or shlex.split(f"a {word} b") == ["a", text, "b"]


@examples(10)
@given(st.lists(st.one_of(printable, hostile_line), min_size=1, max_size=60))
def test_shell_reads_the_same_words(texts):
    words = " ".join(literals.sh(text) for text in texts)
    command = ["sh", "-c", f"printf '%s\\0' {words}"]
    done = subprocess.run(command, env={}, capture_output=True, check=True)
    assert done.stdout == "".join(f"{text}\0" for text in texts).encode()


@examples(250)
@given(_lines)
def test_dotenv_reads_the_value_back(text):
    value = _line(literals.dotenv, text)
    if value is not None:
        file = io.StringIO(f"A={value}\nB=1\n")
        assert dotenv_values(stream=file, interpolate=False) == {"A": text, "B": "1"}


@examples(60)
@given(st.one_of(printable, hostile_line).filter(lambda text: not re.search(r"['\\]", text)))
def test_shell_reads_the_value_back_from_a_file(tmp_path, text):
    assert source_in_sh(f"VALUE={literals.dotenv(text)}\nB=1\n", tmp_path) == text


@examples(250)
@given(_lines, st.sampled_from(["", "# ", "a ", "- ", "1. "]), st.sampled_from(["", ".", " b"]))
@example(" ", "", "")
@example("```", "", "")
def test_markdown_reads_a_code_span_back(text, before, after):
    span = _line(literals.code, text)
    if span is None:
        return
    tokens = _MARKDOWN.parse(f"{before}{span}{after}\n\nb\n")
    inline = [token for token in tokens if token.type == "inline"]
    assert [token.content for token in inline[1:]] == ["b"]
    found = [(child.type, child.content) for child in inline[0].children or ()]
    around = [content for kind, content in found if kind != "code_inline"]
    assert ("code_inline", text) in found
    assert "".join(around).split() == [*re.findall("a", before), *after.split()]


def test_every_filter_of_the_templates_that_quotes_is_tried_here():
    public = {
        value
        for name, value in vars(literals).items()
        if callable(value) and not name.startswith("_") and value.__module__ == literals.__name__
    }
    # A language's other filters make a choice a truth, which has no more than two words.
    for language in LANGUAGES:
        public |= {quote for name, quote in language.filters.items() if "truth" not in name}
    assert public == set(_EVERY)
