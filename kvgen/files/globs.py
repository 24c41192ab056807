"""The patterns of a .gitignore, matched in time that grows with their length and no faster. Pure.

git's own documents say what they mean. A library for them exists (pathspec), but a pattern of
twenty bytes can keep it busy for minutes; a star here never looks back.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_LONGEST = 255  # bytes of a name; no longer pattern matches one
_CLASSES = {
    b"alnum": rb"0-9A-Za-z",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"digit": rb"0-9",
    b"lower": rb"a-z",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb"\s",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}
_PIECE = re.compile(
    rb"(?P<star>\*+)|(?P<one>\?)|\\(?P<escaped>.)|(?P<literal>[^\\\[])"
    rb"|\[(?P<not>[!^]?)(?P<set>\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]",
    re.DOTALL,
)
_MEMBER = re.compile(rb"\[:(?P<kind>[a-z]+):\]|\\?(?P<first>.)(?:-\\?(?P<last>[^\]]))?", re.DOTALL)

Matcher = re.Pattern[bytes] | None  # None for a segment of two stars or more: any number of folders


class Rule(NamedTuple):
    """A line of a .gitignore; without ``segments`` it matches nothing."""

    is_ignoring: bool
    is_for_folders: bool
    segments: tuple[Matcher, ...]

    def matches(self, names: tuple[bytes, ...], *, is_folder: bool) -> bool:
        """Whether the rule is about a path, given as names below the file's own folder."""
        if self.is_for_folders and not is_folder:
            return False
        reached = {0}
        for name in names:
            reached = {
                after for at in _open(self.segments, reached) for after in self._on(at, name)
            }
        return len(self.segments) in reached

    def _on(self, at: int, name: bytes) -> tuple[int, ...]:
        """Return the positions after a name that is matched by the segment at a position."""
        segment = self.segments[at]
        if segment is None:
            return (at, at + 1) if at + 1 == len(self.segments) else (at,)
        return (at + 1,) if segment.fullmatch(name) else ()


def parse_rule(line: bytes) -> Rule | None:
    """Read a line of a .gitignore; None for a comment, and for what matches nothing."""
    text = re.sub(rb"(?<!\\) +\Z", b"", line.removesuffix(b"\r"))
    if not text or text.startswith(b"#"):
        return None
    is_ignoring = not text.startswith(b"!")
    text = text if is_ignoring else text[1:]
    is_for_folders = text.endswith(b"/")
    text = text.removesuffix(b"/")
    segments = text.removeprefix(b"/").split(b"/")
    if b"/" not in text:
        segments = [b"**", *segments] if text != b"**" else segments
    matchers = [_matcher(segment) for segment in segments]
    if not text or any(matcher is _NEVER for matcher in matchers):
        return None
    return Rule(is_ignoring, is_for_folders, tuple(matchers))


def _open(segments: tuple[Matcher, ...], reached: set[int]) -> set[int]:
    """Return the positions from which a name may be matched: two stars may stand for nothing."""
    found = set()
    for at in reached:
        while at < len(segments):
            found.add(at)
            if segments[at] is not None or at + 1 == len(segments):
                break
            at += 1
    return found


_NEVER = re.compile(rb"(?!)")


@lru_cache(maxsize=4096)
def _matcher(segment: bytes) -> Matcher:
    if len(segment) > 1 and not segment.strip(b"*"):
        return None
    if len(segment) > _LONGEST * 4:
        return _NEVER
    pieces, position = [b""], 0
    while position < len(segment):
        match = _PIECE.match(segment, position)
        if match is None:
            return _NEVER  # a bracket that does not close, or a backslash at the end
        position = match.end()
        if match["star"]:
            pieces.append(b"")
        else:
            pieces[-1] += _single(match)
    first, *middle = pieces
    if not middle:
        return re.compile(first, re.DOTALL)
    last = middle.pop()
    # A star that has skipped a place does not try it again: the first match is enough.
    skipping = b"".join(b"(?>.*?" + piece + b")" for piece in middle)
    return re.compile(first + skipping + b".*" + last, re.DOTALL)


def _single(match: re.Match[bytes]) -> bytes:
    """Return the expression of what stands for one byte."""
    if match["one"]:
        return b"."
    if match["set"] is None:
        return re.escape(match["escaped"] or match["literal"])
    members = [_member(member) for member in _MEMBER.finditer(match["set"])]
    members = [member for member in members if member]
    if not members:
        return b"." if match["not"] else b"(?!)"
    return b"[" + (b"^" if match["not"] else b"") + b"".join(members) + b"]"


def _member(match: re.Match[bytes]) -> bytes:
    if match["kind"]:
        return _CLASSES.get(match["kind"], b"")
    first, last = match["first"], match["last"] or match["first"]
    return b"" if first > last else re.escape(first) + b"-" + re.escape(last)
