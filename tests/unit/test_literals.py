"""Every string that Python can hold is quoted so that the language reads it back, or refused."""

import ast
import json
import re
import shlex
import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kvgen.scaffold import literals

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
    literal = _quoted(literals.py, text)
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


@pytest.mark.parametrize("quote", [literals.js, literals.py, literals.go, literals.toml])
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
    with pytest.raises(ValueError, match=r"printable|no quoting"):
        quote(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("X-ID", "`X-ID`"),
        ("  ", "`  `"),
        ("a`b", "`` a`b ``"),
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
        (literals.js, "it's", '"it\'s"'),
        (literals.js, 'say "hi"', "'say \"hi\"'"),
        (literals.js, "\U0001f44b", '"\\ud83d\\udc4b"'),
        (literals.py, "é", '"\\xe9"'),
        (literals.go, 'say "hi"', '"say \\"hi\\""'),
        (literals.go, "\0\U0001f44b", '"\\u0000\\U0001f44b"'),
    ],
)
def test_literal_is_spelt_as_its_formatter_would(quote, text, literal):
    assert quote(text) == literal
