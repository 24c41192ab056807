"""Every string that Python can hold is quoted so that the language reads it back, or refused."""

import ast
import json
import re
import shlex
import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kvgen.languages.describe import LANGUAGES
from kvgen.languages.go.describe import go
from kvgen.languages.javascript.describe import js
from kvgen.languages.python.describe import py
from kvgen.quoting import Literal
from kvgen.scaffold import literals
from kvgen.scaffold.filters import FILTERS, dotenv_lines, human, seconds, toml_lines, toml_list
from kvgen.scaffold.model import Duration

_SURROGATE = re.compile("[\ud800-\udfff]")
_NASTY = "\"'\\`${}{{%*/\n\r\t\0\x7f\u2028\u202e</script>\U0001f44b"
_ANY = st.text(st.characters(exclude_categories=()))
_ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126))


def _quoted(quote, text):
    try:
        return quote(text)
    except ValueError:
        assert _SURROGATE.search(text)
        return None


@given(_ANY)
@example(_NASTY)
def test_py_literal_of_any_text_evaluates_to_the_text(text):
    literal = _quoted(py, text)
    assert literal is None or ast.literal_eval(literal) == text


@given(_ANY)
@example(_NASTY)
def test_json_literal_of_any_text_parses_to_the_text(text):
    literal = _quoted(literals.json, text)
    assert literal is None or json.loads(literal) == text


@given(_ANY)
@example(_NASTY)
def test_toml_literal_of_any_text_parses_to_the_text(text):
    literal = _quoted(literals.toml, text)
    assert literal is None or tomllib.loads(f"a = {literal}") == {"a": text}


@pytest.mark.parametrize("quote", [js, py, go, literals.toml])
@given(_ANY)
@example(_NASTY)
def test_literal_of_any_text_is_one_line_of_printable_ascii(quote, text):
    literal = _quoted(quote, text)
    assert literal is None or re.fullmatch(r"[ -~]+", literal)


@given(_ASCII)
def test_sh_word_of_printable_text_splits_into_that_one_word(text):
    assert shlex.split(literals.sh(text)) == [text]


@pytest.mark.parametrize("quote", [literals.sh, literals.code, literals.dotenv])
@pytest.mark.parametrize("text", ["a\nb", "a\0b", "\u202e", "\ud800"])
def test_text_that_a_line_cannot_hold_is_refused(quote, text):
    with pytest.raises(ValueError, match=r"printable|do not agree"):
        quote(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("X-ID", "`X-ID`"),
        ("  ", "`  `"),
        ("a`b", "``a`b``"),
        ("``", "``` `` ```"),
        (" a", "`  a `"),
    ],
)
def test_code_span_survives_backticks_and_spaces(text, span):
    assert literals.code(text) == span


@pytest.mark.parametrize(
    ("text", "value"),
    [("https://a.example/b", "https://a.example/b"), ("a b", "'a b'"), ('a"$b', "'a\"$b'")],
)
def test_dotenv_value_is_bare_where_all_readers_agree(text, value):
    assert literals.dotenv(text) == value


@pytest.mark.parametrize(
    ("quote", "text", "literal"),
    [
        (js, "it's", '"it\'s"'),
        (js, 'say "hi"', "'say \"hi\"'"),
        (js, "\U0001f44b", '"\\ud83d\\udc4b"'),
        (py, "é", '"\\xe9"'),
        (go, 'say "hi"', '"say \\"hi\\""'),
        (go, "\0\U0001f44b", '"\\u0000\\U0001f44b"'),
    ],
)
def test_literal_is_spelt_as_its_formatter_would(quote, text, literal):
    assert quote(text) == literal


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (86400, "24 hours"),
        (90000, "25 hours"),
        (172800, "2 days"),
        (315360000, "3650 days"),
    ],
)
def test_human_duration_takes_the_largest_unit_that_fits(length, words):
    assert human(Duration("", length)) == words
    assert seconds(Duration("", length)) == str(length)


def test_variables_are_lines_that_read_back():
    variables = [(Literal("A_URL"), 'a "b" \\ c'), (Literal("B"), "")]
    said = tomllib.loads(f'FIRST = "x"{toml_lines(variables)}\n')
    assert said == {"FIRST": "x", "A_URL": 'a "b" \\ c', "B": ""}
    assert dotenv_lines([(Literal("A_URL"), "https://a.example"), (Literal("B"), "b c")]) == (
        "\nA_URL=https://a.example\nB='b c'"
    )
    assert toml_lines([]) == dotenv_lines([]) == ""


@given(st.lists(_ASCII))
def test_list_of_texts_is_one_line_that_reads_back(texts):
    assert tomllib.loads(f"a = {toml_list(texts)}") == {"a": texts}


def test_no_language_takes_the_name_of_a_common_filter_or_of_another_language():
    names = [name for language in LANGUAGES for name in language.filters]
    assert len({*names, *FILTERS}) == len(names) + len(FILTERS)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_language_prints_truth_and_text_as_literals(language):
    for print_literal in language.filters.values():
        assert isinstance(print_literal("on"), Literal)
