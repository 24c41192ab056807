"""kvgen.toml is read strictly, and written so that it reads back."""

import tomllib

import pytest

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import (
    check_project,
    new_function,
    read_answers,
    refuse_other_answers,
    split_options,
)
from kvgen.scaffold.project import Project, parse_project, project_text, read_project
from tests.unit.catalog import only

_GOOD = """\
language = "go"
name = "f"
handler = "count"
expiry = "native"

[patterns.count]
ttl = "90s"
"""


def test_project_reads_back_as_it_was_answered(root):
    answers = new_function(
        load_pattern("count", only(root)), "go", "x", {"ttl": "90s", "header": "`'"}, only(root)
    )
    said = parse_project(project_text(answers))
    assert said == Project(
        "go",
        "x",
        "count",
        {"expiry": "both", "namespace-id": ""},
        {"count": {"ttl": "90s", "header": "`'"}},
    )
    assert check_project(root, said, only(root)) == answers


def test_tables_of_patterns_are_in_alphabetical_order_and_an_unused_option_has_no_line(root):
    said = parse_project(_GOOD + '[patterns.note]\n\n[patterns.mark]\nttl = "1s"\n')
    text = project_text(check_project(root, said, only(root)))
    assert list(tomllib.loads(text)["patterns"]) == ["count", "mark", "note"]
    assert "cookie" not in text
    assert 'namespace-id = ""' in text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('langage = "go"', "unknown key 'langage'; did you mean 'language'"),
        ('language = 1\nname = "x"', "language is not a string"),
        ('language = "go"', "name is missing"),
        ('language = "go"\nname = "x"\nhandler = 1', "handler is not a string"),
        ('language = "go"\nname = "x"\nexpiry = 1', "expiry is not a string"),
        ('language = "go"\nname = "x"\npatterns = 1', "patterns is not a table"),
        ('language = "go"\nname = "x"\npatterns.a = 1', "patterns.a is not a table"),
        (
            'language = "go"\nname = "x"\n[patterns.a]\nttl = 5',
            "patterns.a.ttl is not a string",
        ),
        ('pattern = "session"\n[options]', "the form of an earlier kvgen"),
        ('<<<<<<< ours\nlanguage = "go"', "line 1 is a mark of an unsolved merge conflict"),
        ("language = x", "at line 1, column 12"),
        ("a = " + "[" * 5000, "nested too deep"),
    ],
    ids=lambda value: value[:40],
)
def test_broken_project_is_refused_with_file_and_reason(tmp_path, text, complaint):
    (tmp_path / "kvgen.toml").write_text(text)
    for read in (read_project, read_answers):
        with pytest.raises(KvgenError, match=r"kvgen\.toml") as caught:
            read(tmp_path)
        assert complaint in caught.value.message
        assert caught.value.hint == "correct the file by hand and try again"


def test_missing_project_is_refused_with_the_way_on(tmp_path):
    with pytest.raises(KvgenError, match="does not exist") as caught:
        read_project(tmp_path)
    assert "kvgen new" in str(caught.value.hint)


def test_project_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "kvgen.toml").write_bytes(b"\xff")
    with pytest.raises(KvgenError, match="not UTF-8"):
        read_project(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"go"', '"rust"', "unknown language 'rust'"),
        ('"f"', '"a b"', "name 'a b': a name has 1 to 64"),
        ('"native"', '"nativ"', "expiry 'nativ': it is one of both, envelope, native; did you"),
        ("[patterns.count]", "[patterns.cout]", "unknown pattern 'cout'; did you mean 'count'?"),
        ("[patterns.count]", "[patterns.note]", "unknown option 'ttl' of the pattern 'note'"),
        ('"90s"', '"soon"', "patterns.count.ttl 'soon': a duration is written like"),
        ('"90s"', '"90s"\nheader = "A"\ncookie = "b"', "patterns.count.header 'A' and patterns.c"),
        ('handler = "count"', 'handler = "cont"', "handler = 'cont': it is not one of"),
        ('handler = "count"', 'handler = "note"', "handler = 'note': it is not one of"),
    ],
)
def test_illegal_answer_is_refused_with_the_file(tmp_path, root, old, new, complaint):
    (tmp_path / "kvgen.toml").write_text(_GOOD.replace(old, new))
    with pytest.raises(InvalidAnswerError) as caught:
        read_answers(tmp_path, only(root))
    assert caught.value.message.startswith(f"{tmp_path / 'kvgen.toml'}: {complaint}")
    assert caught.value.hint


def test_function_without_a_handler_or_a_pattern_is_one(root):
    text = 'language = "python"\nname = "f"\n'
    answers = check_project(root, parse_project(text), only(root))
    assert (answers.handler, answers.patterns) == (None, {})
    assert parse_project(project_text(answers)).handler is None


def test_options_are_split_into_those_of_all_and_those_of_one():
    given = {"ttl": "1h", "expiry": "both", "namespace-id": ""}
    assert split_options(given) == ({"expiry": "both", "namespace-id": ""}, {"ttl": "1h"})


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"ttl": "90s"}, None),
        ({"ttl": "91s"}, "count.ttl=91s"),
        ({"expiry": "both"}, "expiry=both"),
    ],
)
def test_answer_that_a_function_has_otherwise_is_refused_with_the_command(
    root, tmp_path, given, option
):
    count = load_pattern("count", only(root))
    answers = check_project(root, parse_project(_GOOD), only(root))
    if option is None:
        refuse_other_answers(tmp_path, count, answers, given)
        return
    with pytest.raises(InvalidAnswerError) as caught:
        refuse_other_answers(tmp_path, count, answers, given)
    assert caught.value.hint == f"to change it: kvgen regenerate {tmp_path} --set {option}"
