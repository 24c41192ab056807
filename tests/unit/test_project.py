"""kvgen.toml is read strictly, and changed so that nothing else in it does."""

import pytest

from kvgen.errors import KvgenError
from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.project import (
    Project,
    change_options,
    parse_project,
    project_text,
    read_project,
)


def test_project_reads_back_as_it_was_answered():
    answers = check_answers(load_pattern("session"), "go", "x", {"ttl": "90s", "header": "`'"})
    assert parse_project(project_text(answers)) == Project(
        "session",
        "go",
        "x",
        {"ttl": "90s", "header": "`'", "expiry": "envelope", "namespace-id": ""},
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('patern = "session"', "unknown key 'patern'; did you mean 'pattern'"),
        ('pattern = "session"\nlanguage = 1\nname = "x"', "language is missing or not a string"),
        ('pattern = "session"', "language is missing"),
        ('pattern = "session"\n[options]\nttl = 5', "options.ttl is not a string"),
        ('options = "x"', "options is not a table"),
        ('<<<<<<< ours\npattern = "session"', "line 1 is a mark of an unsolved merge conflict"),
        ("pattern = x", "at line 1, column 11"),
    ],
)
def test_broken_project_is_refused_with_file_and_reason(tmp_path, text, complaint):
    (tmp_path / "kvgen.toml").write_text(text)
    with pytest.raises(KvgenError, match=r"kvgen\.toml") as caught:
        read_project(tmp_path)
    assert complaint in caught.value.message


def test_missing_project_is_refused_with_the_way_on(tmp_path):
    with pytest.raises(KvgenError, match="does not exist") as caught:
        read_project(tmp_path)
    assert "kvgen new" in str(caught.value.hint)


def test_project_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "kvgen.toml").write_bytes(b"\xff")
    with pytest.raises(KvgenError, match="not UTF-8"):
        read_project(tmp_path)


_PROJECT = (
    'pattern = "session" # mine\n\n[options] # and this\nheader = "X-A"\nttl = "24h"  # a day\n'
)


@pytest.mark.parametrize(
    ("text", "changes", "changed"),
    [
        (_PROJECT, {}, _PROJECT),
        (_PROJECT, {"ttl": "1h"}, _PROJECT.replace("24h", "1h")),
        (_PROJECT, {"expiry": "both"}, _PROJECT + 'expiry = "both"\n'),
        (_PROJECT[:-1], {"expiry": "both"}, _PROJECT + 'expiry = "both"'),
        ('options = { ttl = "24h" }\n', {"ttl": "1h"}, 'options = { ttl = "1h" }\n'),
        ('options.ttl = "24h"\n', {"ttl": "1h"}, 'options.ttl = "1h"\n'),
        ("a = 1\nb = 2", {"ttl": "1h"}, 'a = 1\nb = 2\n[options]\nttl = "1h"'),
        ('name = "x"\n', {"ttl": "1h"}, 'name = "x"\n\n[options]\nttl = "1h"\n'),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "dos"])
def test_change_of_an_option_leaves_every_other_byte(text, changes, changed, end):
    assert change_options(text.replace("\n", end), changes) == changed.replace("\n", end)


def test_change_of_a_value_with_quotes_reads_back():
    text = change_options(_PROJECT, {"header": "`'\"\\"})
    assert "X-A" not in text
    assert "`'" in text
