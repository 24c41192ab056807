"""Three-way merges: what merges, what conflicts, and what git settings cannot influence."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvgen.scaffold.merge import merge
from kvgen.scaffold.side import Side

_BASE = b"one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
_NEW = _BASE.replace(b"six", b"SIX of kvgen")
_MINE = _BASE.replace(b"two", b"TWO of mine")
_BOTH = _NEW.replace(b"two", b"TWO of mine")
_CLASH = _BASE.replace(b"six", b"SIX of mine").replace(b"one", b"ONE of mine")


def test_changes_of_different_lines_go_together():
    assert merge("handler.go", _BASE, _MINE, _NEW).content == _BOTH


def test_same_change_on_both_sides_is_made_once():
    assert merge("handler.go", _BASE, _NEW.replace(b"two", b"2"), _NEW).content == _NEW.replace(
        b"two", b"2"
    )


def test_line_ends_of_the_user_are_kept():
    dos = _MINE.replace(b"\n", b"\r\n")
    assert merge("handler.go", _BASE, dos, _NEW).content == _BOTH.replace(b"\n", b"\r\n")


def test_file_of_which_only_the_line_ends_were_changed_is_brought_up_to_date():
    dos = _BASE.replace(b"\n", b"\r\n")
    assert merge("handler.go", _BASE, dos, _NEW).content == _NEW.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("mine", [_MINE, _MINE.replace(b"\n", b"\r\n")], ids=["unix", "dos"])
def test_last_newline_that_the_user_took_away_stays_away(mine):
    merged = merge("handler.go", _BASE, mine.rstrip(b"\r\n"), _NEW).content
    assert merged is not None
    assert merged.replace(b"\r\n", b"\n") == _BOTH.rstrip(b"\n")


def test_clash_is_shown_with_both_sides_and_what_was_before():
    merged = merge("handler.go", _BASE, _CLASH, _NEW)
    assert merged.content is None
    assert merged.reason == "you and kvgen changed the same lines"
    assert (
        b"<<<<<<< yours\nSIX of mine\n||||||| kvgen before\nsix\n"
        b"=======\nSIX of kvgen\n>>>>>>> kvgen now\n"
    ) in merged.marked


@pytest.mark.parametrize(
    ("side", "sixth"),
    [(Side.MINE, b"\nSIX of mine\n"), (Side.THEIRS, b"\nSIX of kvgen\n"), (Side.MARKS, b"<<<<")],
)
def test_side_decides_the_clash_and_nothing_else(side, sixth):
    merged = merge("handler.go", _BASE, _CLASH, _NEW, side).content
    assert merged is not None
    assert sixth in merged
    assert merged.startswith(b"ONE of mine\n")


def test_file_that_kvgen_did_not_write_clashes_as_a_whole():
    merged = merge("handler.go", None, b"of mine\n", _NEW)
    assert merged.content is None
    assert merged.reason == "the file existed, and kvgen did not write it"
    assert merge("handler.go", None, b"of mine\n", _NEW, Side.MINE).content == b"of mine\n"
    assert merge("handler.go", None, b"of mine\n", _NEW, Side.THEIRS).content == _NEW


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b", b"\x89PNG\r\n\x1a\n"])
def test_file_that_is_no_text_any_more_is_a_conflict_until_it_is_said_which(content):
    merged = merge("handler.go", _BASE, content, _NEW)
    assert (merged.content, merged.reason) == (None, "it is no longer text")
    assert merge("handler.go", _BASE, content, _NEW, Side.MARKS).content is None
    assert merge("handler.go", _BASE, content, _NEW, Side.MINE).content == content
    assert merge("handler.go", _BASE, content, _NEW, Side.THEIRS).content == _NEW


def test_marks_of_an_unsolved_conflict_are_not_merged_again():
    marked = merge("handler.go", _BASE, _CLASH, _NEW).marked
    for side in (None, Side.THEIRS, Side.MARKS):
        merged = merge("handler.go", _NEW, marked, _BASE, side)
        assert merged.content is None
        assert "resolve the conflict first" in merged.reason
    assert merge("handler.go", _NEW, marked, _BASE, Side.MINE).content == marked


def test_without_git_there_is_no_merge_and_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    merged = merge("handler.go", _BASE, _MINE, _NEW)
    assert (merged.content, merged.reason) == (None, "merging it needs git, which is not installed")
    assert merge("handler.go", _BASE, _MINE, _NEW, Side.THEIRS).content is None
    assert merge("handler.go", _BASE, _MINE, _NEW, Side.MINE).content == _MINE


def test_git_that_fails_is_a_conflict_with_its_words(monkeypatch, tmp_path):
    (tmp_path / "git").write_text("#!/bin/sh\necho 'no room' >&2\nexit 255\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert merge("handler.go", _BASE, _MINE, _NEW).reason == "git did not merge it: no room"


def test_neither_settings_nor_attributes_nor_a_repository_around_it_matter(monkeypatch, tmp_path):
    (tmp_path / "config").write_text(
        "[merge]\n\tconflictStyle = merge\n[core]\n\tautocrlf = true\n"
    )
    (tmp_path / ".gitattributes").write_text("* merge=union text eol=crlf\n")
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert merge("handler.go", _BASE, _MINE, _NEW).content == _BOTH
    assert b"||||||| kvgen before\n" in merge("handler.go", _BASE, _CLASH, _NEW).marked
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", ".gitattributes", "config"]


_EDITS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=5)


def _edited(base, edits, by):
    lines = list(base)
    for number, (position, cut) in enumerate(edits):
        if cut and lines:
            del lines[position % len(lines)]
        else:
            lines.insert(position % (len(lines) + 1), f"{by}-{number}")
    return lines


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(mine=_EDITS, new=_EDITS, end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_merged_text_has_every_change_of_both_sides(mine, new, end, last):
    base = [f"base-{number}" for number in range(10)]
    ours, theirs = _edited(base, mine, "mine"), _edited(base, new, "new")
    content = (end.join(ours) + (end if last else "")).encode()
    unix = ["".join(f"{line}\n" for line in lines).encode() for lines in (base, theirs)]
    merged = merge("handler.go", unix[0], content, unix[1])
    text = merged.marked if merged.content is None else merged.content
    found = text.decode().splitlines()
    assert {line for line in ours if line.startswith("mine")} <= set(found)
    if merged.content is not None:
        kept = set(base) & set(ours) & set(theirs)
        added = {line for line in ours + theirs if not line.startswith("base")}
        assert sorted(found) == sorted(kept | added)
