"""kvgen.lock is read strictly, and written so that it reads back the same."""

import json
import subprocess

import pytest

from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.scaffold.lock import Lock, blob_id, lock_text, parse_lock, read_lock
from kvgen.scaffold.model import RenderedFile

_ODD = "a\r\nb\u2028c\x0bd\n\nlast line without an end"


def test_lock_reads_back_every_byte_whatever_the_line_ends():
    text = lock_text([RenderedFile("b/odd", _ODD), RenderedFile("a", "")])
    assert parse_lock(text) == Lock(__version__, {"a": "", "b/odd": _ODD})


def test_lock_is_sorted_and_indented_so_that_git_shows_a_changed_file_as_a_line():
    files = [RenderedFile("b/ä", _ODD), RenderedFile("a", "one\ntwo\n")]
    lines = lock_text(files).splitlines()
    assert [line for line in lines if line.endswith(": {")][1] == '    "a": {'
    assert '      "text": "one\\ntwo\\n"' in lines
    assert lock_text(files) == lock_text(files[::-1])


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
        (_broken(files={"a": {"id": "0", "text": "x"}}), "does not have the id '0'"),
        (_broken(files={"a": {"text": "x"}}), "not an object of two strings, id and text"),
        (_broken(files={"a": {"id": "0", "text": ["x"]}}), "not an object of two strings"),
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
