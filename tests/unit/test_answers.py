"""Each answer is checked once, for all languages, and refused with rule, value and example."""

import pytest

from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.answers import check_language, check_name, check_option, check_options
from kvgen.scaffold.common import COMMON_OPTIONS
from kvgen.scaffold.kinds import KINDS
from kvgen.scaffold.model import Duration, Option
from kvgen.scaffold.words import shown

_EXPIRY, _NAMESPACE = COMMON_OPTIONS


def _option(kind, default=""):
    return Option("opt", kind, default, "")


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        ("header", "X-Session-ID"),
        ("header", "`'!#$%&*+-.^_|~"),
        ("header", "x" * 40),
        ("origin", "https://api.example.com"),
        ("origin", "http://[::1]:8080/v1/a%20b"),
        ("prefix", "a" * 32),
        ("flag", "New_UI.v2-x"),
        ("cookie", "__Host-sid"),
        ("cookie", "x" * 40),
        ("cookie", ""),
        ("namespace-id", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
        ("namespace-id", ""),
        ("public-key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        ("public-key", ""),
    ],
)
def test_legal_answer_is_kept_as_it_is(kind, good):
    assert check_option(_option(kind), good) == good


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("duration", "0"),
        ("duration", "-1"),
        ("duration", "1y"),
        ("duration", "abc"),
        ("duration", ""),
        ("duration-or-zero", "-1"),
        ("header", "X Session"),
        ("header", "X:Y"),
        ("header", "x" * 41),
        ("header", ""),
        ("header", "Content-Length"),
        ("header", "X-ID\n"),
        ("header", "X-İd"),
        ("origin", "ftp://a.example"),
        ("origin", "https://user@a.example"),
        ("origin", "https://a.example/?q=1"),
        ("origin", "https://a.example/#f"),
        ("origin", "https://"),
        ("origin", "https://a.example:0"),
        ("origin", "https://a.example:99999"),
        ("origin", "https://a.example/" + "x" * 2000),
        ("origin", "https://a.example/a b"),
        ("origin", "https://a.example/it's"),
        ("prefix", "a:b"),
        ("prefix", "A"),
        ("prefix", ""),
        ("flag", "a b"),
        ("flag", "a/b"),
        ("flag", "x" * 65),
        ("namespace-id", "not-a-uuid"),
        ("cookie", "a=b"),
        ("cookie", "a;b"),
        ("cookie", "a\n"),
        ("cookie", "x" * 41),
        ("public-key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
        ("public-key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp="),  # 33 bytes, nearly
        ("public-key", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        ("public-key", "A" * 40 + "\n==="),
        ("public-key", "A" * 64),
    ],
)
def test_illegal_answer_is_refused_with_value_and_example(kind, bad):
    with pytest.raises(InvalidAnswerError) as caught:
        check_option(_option(kind, "default"), bad)
    assert caught.value.message.startswith(f"--opt {shown(bad)}: ")
    assert caught.value.hint == "for example --opt default"


def test_illegal_answer_of_a_file_is_refused_with_an_example_for_the_file():
    with pytest.raises(InvalidAnswerError, match=r"kvgen\.toml: opt '1y'") as caught:
        check_option(_option("duration", "24h"), "1y", "kvgen.toml: ")
    assert caught.value.hint == 'for example opt = "24h"'


def test_choice_refusal_lists_the_choices_and_the_near_one():
    with pytest.raises(InvalidAnswerError, match="both, envelope, native; did you mean 'native'"):
        check_option(_EXPIRY, "nativ")


def test_duration_keeps_its_text_beside_its_seconds():
    assert check_option(_option("duration"), "24h") == Duration("24h", 86400)


def test_refresh_may_be_zero():
    assert check_option(_option("duration-or-zero"), "0") == Duration("0", 0)


def test_origin_loses_its_trailing_slash():
    assert KINDS["origin"]("https://a.example/") == "https://a.example"


def test_namespace_id_is_written_in_lower_case():
    upper = "3F2504E0-4F89-41D3-9A0C-0305E82C3301"
    assert check_option(_NAMESPACE, upper) == upper.lower()


@pytest.mark.parametrize("name", ["a", "A-1", "x" * 64])
def test_legal_name_is_taken(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "..", "a/b", "-a", "a-", "x" * 65, 'a"b', "a\nb", "\N{WAVING HAND SIGN}", "a_b", "a\n"],
)
def test_illegal_name_is_refused_with_the_rule(name):
    with pytest.raises(InvalidAnswerError, match="1 to 64 of A-Z, a-z, 0-9 and -"):
        check_name(name)


@pytest.mark.parametrize(
    ("text", "language"),
    [("js", "javascript"), ("node", "javascript"), ("PY", "python"), ("golang", "go")],
)
def test_language_answers_to_its_aliases(text, language):
    assert check_language(text).name == language


def test_unknown_language_is_refused_with_the_near_one():
    with pytest.raises(InvalidAnswerError, match="'pyton'; did you mean 'python'"):
        check_language("pyton")


_TTL = Option("ttl", "duration", "24h", "")
_HEADER = Option("header", "header", "X-ID", "")
_COOKIE = Option("cookie", "cookie", "", "", instead_of="header")
_OPTIONS = (_TTL, _HEADER, _COOKIE)


def test_unknown_option_is_refused_with_the_near_one():
    with pytest.raises(InvalidAnswerError, match=r"unknown option 'heder' of it; did you mean 'he"):
        check_options(_OPTIONS, {"heder": "X"}, whose=" of it")


def test_missing_options_take_their_defaults():
    assert check_options(_OPTIONS, {"ttl": "5m"}) == {
        "ttl": Duration("5m", 300),
        "header": "X-ID",
        "cookie": "",
    }


def test_option_that_is_given_instead_of_another_empties_that():
    assert check_options(_OPTIONS, {"cookie": "sid"})["header"] == ""
    assert check_options(_OPTIONS, {"cookie": ""})["header"] == "X-ID"


@pytest.mark.parametrize("where", ["--", "patterns.count."])
def test_option_and_the_one_it_replaces_are_refused_together(where):
    with pytest.raises(InvalidAnswerError) as caught:
        check_options(_OPTIONS, {"cookie": "sid", "header": "X-A"}, where)
    said = f"{where}header 'X-A' and {where}cookie 'sid': only one of the two can be given"
    assert caught.value.message == said
    assert caught.value.hint == f"leave out {where}header or {where}cookie"


def test_empty_option_and_the_one_it_would_replace_go_together():
    assert check_options(_OPTIONS, {"cookie": "", "header": "X-A"})["header"] == "X-A"


@pytest.mark.parametrize(
    ("option", "example"),
    [
        (_COOKIE, "--cookie sid"),
        (_NAMESPACE, f"--namespace-id {'3f2504e0-4f89-41d3-9a0c-0305e82c3301'}"),
    ],
)
def test_example_of_an_option_without_a_default_is_a_legal_answer(option, example):
    with pytest.raises(InvalidAnswerError) as caught:
        check_option(option, "a b")
    assert caught.value.hint == f"for example {example}"
    assert check_option(option, example.split()[1])


def test_long_value_is_cut_in_messages():
    assert shown("x" * 10_000) == "'" + "x" * 60 + "…'"
