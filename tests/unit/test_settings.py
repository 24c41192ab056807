"""The settings of a regeneration: options by name, refused if ambiguous, and sides by file."""

import pytest

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.settings import change_project, check_changes, check_sides
from kvgen.scaffold.side import Side
from tests.unit.catalog import only

_TEXT = """\
language = "go" # mine
name = "f"
handler = "count"

[patterns.count]
ttl = "24h"
header = "X-Count"

[patterns.note]
place = "https://a.example"
"""
_WITH_MARK = _TEXT + '\n[patterns.mark]\nttl = "5m"\n'


def _changed(root, tmp_path, text, *assignments):
    return change_project(tmp_path, text, check_changes(assignments), only(root))


@pytest.mark.parametrize(
    ("assignment", "old", "new"),
    [
        ("ttl=1h", "24h", "1h"),
        ("count.ttl=1h", "24h", "1h"),
        ("note.place=https://b.example/=", "https://a.example", "https://b.example/="),
        ("header=X-A", "X-Count", "X-A"),
        ("cookie=sid", 'header = "X-Count"', 'cookie = "sid"'),
        ("expiry=native", 'handler = "count"\n', 'handler = "count"\nexpiry = "native"\n'),
    ],
)
def test_option_is_set_in_its_table_and_nothing_else_changes(root, tmp_path, assignment, old, new):
    text, answers = _changed(root, tmp_path, _TEXT, assignment)
    assert text == _TEXT.replace(old, new)
    assert answers.handler == "count"


def test_option_of_two_patterns_is_set_by_its_full_name(root, tmp_path):
    text, answers = _changed(root, tmp_path, _WITH_MARK, "mark.ttl=1h", "count.ttl=2h")
    assert text == _WITH_MARK.replace("5m", "1h").replace("24h", "2h")
    assert answers.patterns["mark"]["ttl"] == ("1h", 3600)


def test_option_of_two_patterns_is_refused_by_its_short_name_with_both(root, tmp_path):
    with pytest.raises(InvalidAnswerError) as caught:
        _changed(root, tmp_path, _WITH_MARK, "ttl=1h")
    assert caught.value.message == "--set 'ttl': count and mark have this option"
    assert caught.value.hint == "say which: --set count.ttl=… or --set mark.ttl=…"


def test_cookie_and_header_replace_each_other(root, tmp_path):
    with_cookie, answers = _changed(root, tmp_path, _TEXT, "cookie=sid")
    assert (answers.patterns["count"]["header"], answers.patterns["count"]["cookie"]) == ("", "sid")
    with_header, answers = _changed(root, tmp_path, with_cookie, "header=X-B")
    assert (answers.patterns["count"]["header"], answers.patterns["count"]["cookie"]) == ("X-B", "")
    assert with_header == _TEXT.replace("X-Count", "X-B")


def test_empty_cookie_brings_the_header_back(root, tmp_path):
    with_cookie, _ = _changed(root, tmp_path, _TEXT, "cookie=sid")
    _, answers = _changed(root, tmp_path, with_cookie, "cookie=")
    assert answers.patterns["count"]["header"] == "X-Count"


@pytest.mark.parametrize("order", [["cookie=sid", "header=X-A"], ["header=X-A", "cookie=sid"]])
def test_cookie_and_header_at_once_are_refused(root, tmp_path, order):
    with pytest.raises(InvalidAnswerError, match="only one of the two can be given"):
        _changed(root, tmp_path, _TEXT, *order)


@pytest.mark.parametrize(
    ("assignment", "message", "hint"),
    [
        ("tll=1h", "--set 'tll': this function has no such option; did you mean 'ttl'?", "the opt"),
        ("cout.ttl=1h", "no such option; did you mean 'count.ttl'?", "the options are expiry,"),
        ("mark.ttl=1h", "--set 'mark.ttl': this function has no such option", "the options are"),
        ("language=go", "--set 'language': this function has no such option", "the options are"),
        ("ttl=soon", "--set ttl 'soon': a duration is written like", "for example --set ttl=24h"),
        ("cookie=a b", "--set cookie 'a b': a cookie name has", "for example --set cookie=sid"),
        ("expiry=no", "--set expiry 'no': it is one of", "for example --set expiry=both"),
    ],
)
def test_bad_assignment_is_refused_with_an_example(root, tmp_path, assignment, message, hint):
    with pytest.raises(InvalidAnswerError) as caught:
        _changed(root, tmp_path, _TEXT, assignment)
    assert message in caught.value.message
    assert str(caught.value.hint).startswith(hint)


@pytest.mark.parametrize("text", ["ttl", "=1h", ""])
def test_assignment_without_a_name_or_a_value_is_refused(text):
    with pytest.raises(InvalidAnswerError, match="an answer is set as OPTION=VALUE"):
        check_changes([text])


def test_last_of_two_assignments_counts():
    assert check_changes(["ttl=1h", "ttl=a=b"]) == {"ttl": "a=b"}


def test_answer_that_was_illegal_already_is_told_with_the_file(root, tmp_path):
    with pytest.raises(InvalidAnswerError, match=r"kvgen\.toml: patterns\.count\.ttl 'soon'"):
        _changed(root, tmp_path, _TEXT.replace("24h", "soon"), "header=X-A")


def test_text_that_is_not_right_is_told_with_the_file(root, tmp_path):
    with pytest.raises(KvgenError, match=r"kvgen\.toml: unknown key 'colour'"):
        _changed(root, tmp_path, f"colour = 1\n{_TEXT}", "ttl=1h")


def test_sides_are_read_by_file():
    assert check_sides(["a=b=mine", "func.toml=theirs"]) == {
        "a=b": Side.MINE,
        "func.toml": Side.THEIRS,
    }


@pytest.mark.parametrize("text", ["a", "a=", "=mine", "a=yours"])
def test_side_that_is_none_is_refused(text):
    with pytest.raises(InvalidAnswerError, match="a conflict is resolved as FILE=SIDE"):
        check_sides([text])
