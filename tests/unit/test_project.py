"""kvgen.toml and kvgen.lock are read strictly and written so that they read back the same."""

import json
import subprocess

import pytest

from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.model import RenderedFile
from kvgen.scaffold.project import (
    Lock,
    Project,
    blob_id,
    lock_text,
    parse_lock,
    parse_project,
    project_text,
    read_lock,
    read_project,
)

_ODD = "a\r\nb\u2028c\x0bd\n\nlast line without an end"


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


def test_lock_reads_back_every_byte_whatever_the_line_ends():
    text = lock_text([RenderedFile("b/odd", _ODD), RenderedFile("a", "")])
    assert parse_lock(text) == Lock(__version__, {"a": "", "b/odd": _ODD})


def test_lock_is_sorted_and_shows_a_line_of_text_on_a_line():
    text = lock_text([RenderedFile("b", "one\ntwo\n"), RenderedFile("a", "x")])
    assert text.index('"a"') < text.index('"b"')
    assert '"one\\n",\n' in text


def test_blob_id_is_the_one_that_git_gives(tmp_path):
    (tmp_path / "f").write_text(_ODD, newline="")
    git = subprocess.run(
        ["git", "hash-object", "--no-filters", "f"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert blob_id((tmp_path / "f").read_bytes()) == git.stdout.strip()


def _broken(**changes):
    table = json.loads(lock_text([RenderedFile("a", "x\n")]))
    return json.dumps(table | changes)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "line 1"),
        ("[]", "not a kvgen.lock"),
        (_broken(version="new"), "'new' is not three numbers"),
        (_broken(files={"a": {"id": "0", "text": ["x"]}}), "does not have the id '0'"),
        (_broken(files={"a": {"text": ["x"]}}), "not an object with id and text"),
        (_broken(files={"a": {"id": "0", "text": "x"}}), "not a list of strings"),
        ("<<<<<<< ours\n{}", "merge conflict"),
    ],
)
def test_broken_lock_is_refused_with_file_and_reason(tmp_path, text, complaint):
    (tmp_path / "kvgen.lock").write_text(text)
    with pytest.raises(KvgenError) as caught:
        read_lock(tmp_path)
    assert str(tmp_path / "kvgen.lock") in caught.value.message
    assert complaint in caught.value.message


def test_lock_of_a_newer_kvgen_is_refused_with_the_upgrade(tmp_path):
    (tmp_path / "kvgen.lock").write_text(_broken(version="99.0.0"))
    with pytest.raises(KvgenError, match=r"kvgen 99\.0\.0 wrote this folder") as caught:
        read_lock(tmp_path)
    assert caught.value.hint == "upgrade: pip install 'kvgen>=99.0.0'"


def test_missing_lock_is_none(tmp_path):
    assert read_lock(tmp_path) is None
