"""kvgen.lock is read strictly, and written so that it reads back the same."""

import json
import subprocess

import pytest

from kvgen import __version__
from kvgen.errors import KvgenError
from kvgen.scaffold.lock import Lock, blob_id, check_lock, lock_text, parse_lock, read_lock
from kvgen.scaffold.model import RenderedFile

_ODD = "a\r\nb\u2028c\x0bd\n\nlast line without an end"


def test_lock_reads_back_every_byte_whatever_the_line_ends():
    text = lock_text([RenderedFile("b/odd", _ODD), RenderedFile("a", "")])
    assert parse_lock(text) == Lock(__version__, {"a": "", "b/odd": _ODD})


def test_lock_is_sorted_and_shows_a_line_of_text_on_a_line():
    text = lock_text([RenderedFile("b", "one\ntwo\n"), RenderedFile("a", "x")])
    assert text.index('"a"') < text.index('"b"')
    assert '"one\\n",\n' in text


def test_lock_is_indented_as_json_dumps_would_do_it():
    for files in ([], [RenderedFile("b/ä", _ODD), RenderedFile("a", "")]):
        text = lock_text(files)
        table = json.loads(text)
        assert text == json.dumps(table, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_lock_is_read_the_same_whatever_is_likely(tmp_path):
    files = [RenderedFile("a", "x\n"), RenderedFile("b", _ODD)]
    text = lock_text(files)
    for content in (text, text.replace(__version__, "0.0.1")):
        for likely in (files, files[:1], [*files, RenderedFile("c", "")], []):
            lock = check_lock(tmp_path / "kvgen.lock", content.encode(), likely)
            assert lock == parse_lock(content)


@pytest.mark.parametrize("version", ["", '"version": 1', '"version": "1", "x": 2'])
def test_lock_of_which_only_the_version_is_wrong_is_refused(tmp_path, version):
    files = [RenderedFile("a", "x\n")]
    text = lock_text(files).replace(f'"version": "{__version__}"', version)
    for likely in ([], files):
        with pytest.raises(KvgenError, match=r"version|members|property|delimiter"):
            check_lock(tmp_path / "kvgen.lock", text.encode(), likely)


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
