"""Brings the code between a page's markers up to date; every other byte stays. Pure.

A region begins with a line `<!-- kvgen: session go handler -->`, or `{/* … */}` where the page is
MDX, and ends with `kvgen: end`. It holds one fenced code block, whose fence and info string stay.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kvgen.docs.snippets import Snippet
from kvgen.errors import KvgenError

_MARKER = re.compile(r"\s*(?:<!--\s*kvgen:(?P<md>.*)-->|\{/\*\s*kvgen:(?P<mdx>.*)\*/\})\s*")
_ALMOST = re.compile(r"\s*(?:<!--|\{/\*)\s*kvgen:")
_FENCE = re.compile(r"(?P<indent>\s*)(?P<fence>`{3,}|~{3,})(?P<info>[^\r]*)")
_END = ("end",)
_MOST = 1_000  # regions of a page: each of them is rendered

Find = Callable[[Sequence[str]], Snippet]


class PageError(KvgenError):
    """An error in a page, with its line number."""

    def __init__(self, line: int, message: str, hint: str | None = None) -> None:
        super().__init__(f"line {line}: {message}", hint)


@dataclass(frozen=True, slots=True)
class Region:
    """The lines of two markers, counted from 0, and the words of the first."""

    words: tuple[str, ...]
    start: int
    end: int


def refresh(text: str, find: Find) -> str:
    """Return a page with each region's code as it is now.

    Raises PageError for a marker that is not right, for regions that overlap or do not end, for
    one that holds something else than a code block, and if there is no region at all.
    """
    # By hand, since splitlines would also split where neither Markdown nor an editor does.
    lines = text.split("\n")
    regions = find_regions(lines)
    if not regions:
        raise KvgenError(
            "there is no region in it",
            "one begins with <!-- kvgen: session go handler --> and ends with <!-- kvgen: end -->",
        )
    for region in reversed(regions):
        try:
            snippet = find(region.words)
        except KvgenError as error:
            raise PageError(region.start + 1, error.message, error.hint) from None
        lines[region.start + 1 : region.end] = _refreshed(lines, region, snippet)
    return "\n".join(lines)


def find_regions(lines: Sequence[str]) -> list[Region]:
    """Return the regions of a page in order; a marker inside a fence does not count."""
    regions: list[Region] = []
    opened: tuple[tuple[str, ...], int] | None = None
    fence: str | None = None
    for number, line in enumerate(lines):
        line = line.removeprefix("\ufeff")  # a byte order mark, where it is the first line
        if fence:
            fence = None if _closes(line, fence) else fence
            continue
        words = _marker_words(line, number)
        if words is None:
            match = _FENCE.match(line)
            fence = match["fence"] if match and _is_opening(match) else None
        elif words == _END and opened is None:
            raise PageError(number + 1, "kvgen: end without a beginning")
        elif words == _END and opened:
            regions.append(Region(*opened, number))
            opened = None
            if len(regions) > _MOST:
                raise PageError(number + 1, f"the page has more than {_MOST:,} regions", "split it")
        elif opened:
            message = f"a region begins inside the one of line {opened[1] + 1}"
            raise PageError(number + 1, message, "end that one first: kvgen: end")
        else:
            opened = (words, number)
    if opened:
        what = "and its code block does not end either" if fence else "add a line with kvgen: end"
        raise PageError(opened[1] + 1, "the region does not end", what)
    return regions


def _refreshed(lines: Sequence[str], region: Region, snippet: Snippet) -> list[str]:
    """Return the lines of a region, its code replaced; a region without one gets its first."""
    body = lines[region.start + 1 : region.end]
    marker = lines[region.start]
    end = "\r" if marker.endswith("\r") else ""
    block = _find_block(body, region)
    if block is None:
        indent = re.match(r"\s*", marker.lstrip("\ufeff").rstrip("\r"))
        return _block(indent[0] if indent else "", "```", snippet.info, snippet.text, end)
    first, last = block
    opening = _FENCE.match(body[first])
    assert opening
    code = _block(opening["indent"], opening["fence"], opening["info"], snippet.text, end)
    # The closing fence stays as it is, unless the code needs a longer one.
    closing = body[last] if code[0].rstrip("\r") == body[first].rstrip("\r") else code[-1]
    return [*body[:first], *code[:-1], closing, *body[last + 1 :]]


def _find_block(body: Sequence[str], region: Region) -> tuple[int, int] | None:
    """Return the first and last line of the one code block; None if there is nothing."""
    fences = []
    fence: str | None = None
    for number, line in enumerate(body):
        match = _FENCE.match(line)
        if fence and _closes(line, fence):
            fence = None
            fences.append(number)
        elif not fence and match and _is_opening(match):
            fence = match["fence"]
            fences.append(number)
    if len(fences) == 2:
        return fences[0], fences[1]
    hint = "a region holds one fenced code block, or nothing"
    if fences:
        raise PageError(region.start + fences[2] + 2, "a second code block in the region", hint)
    if any(line.strip() for line in body):
        raise PageError(region.start + 2, "the region holds text and no code block", hint)
    return None


def _block(indent: str, fence: str, info: str, text: str, end: str) -> list[str]:
    lines = text.removesuffix("\n").split("\n")
    runs = re.findall(rf"^\s*({re.escape(fence[0])}{{3,}})", text, re.MULTILINE)
    fence = max([fence, *(run + fence[0] for run in runs)], key=len)
    code = [f"{indent}{line}" if line else "" for line in lines]
    return [line + end for line in (f"{indent}{fence}{info}", *code, f"{indent}{fence}")]


def _marker_words(line: str, number: int) -> tuple[str, ...] | None:
    match = _MARKER.fullmatch(line)
    if match:
        return tuple((match["md"] or match["mdx"] or "").split())
    if _ALMOST.match(line):
        message = "a marker is a comment that has a line of its own"
        raise PageError(number + 1, message, "for example <!-- kvgen: session go handler -->")
    return None


def _is_opening(match: re.Match[str]) -> bool:
    # With a backtick behind it, a line of backticks is a span of code and no fence.
    return match["fence"][0] == "~" or "`" not in match["info"]


def _closes(line: str, fence: str) -> bool:
    stripped = line.strip()
    return len(stripped) >= len(fence) and set(stripped) == {fence[0]}
