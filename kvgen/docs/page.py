"""The use-case page as a whole: its prose is data, its code comes from the templates."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from kvgen.docs.regions import refresh
from kvgen.docs.snippets import (
    TOGETHER,
    Snippet,
    common_files,
    find_snippet,
    language_titles,
    own_files,
)
from kvgen.errors import KvgenError
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.roots import OWN_ROOT

FLAVORS = ("mintlify", "gfm")

_PROSE = Path("_docs/use-cases.md")
# A line of the prose that stands for code in all languages: `<!-- tabs: session handler -->`.
_TABS = re.compile(r"<!-- tabs: (\w+) (\w+) -->")
_PARTS: dict[str, Callable[[str, str], list[Snippet]]] = {
    "handler": lambda pattern, language: [find_snippet((pattern, language, "handler"))],
    "helpers": lambda pattern, language: [find_snippet((pattern, language, "helpers"))],
    "files": own_files,
    "shared": common_files,
}


def page_text(flavor: str) -> str:
    """Return the page: with tabs as Mintlify has them, or in GitHub's Markdown with headings.

    Every code block stands between markers, so that a copy of the page can be refreshed.
    """
    prose = (OWN_ROOT / _PROSE).read_text(encoding="utf-8")
    lines: list[str] = []
    depth = 1
    for line in prose.splitlines():
        tabs = _TABS.fullmatch(line)
        depth = len(line) - len(line.lstrip("#")) or depth
        lines += _code(tabs[1], tabs[2], flavor, depth + 1) if tabs else [line]
    return refresh("\n".join(lines) + "\n", find_snippet)


def _code(pattern: str, part: str, flavor: str, depth: int) -> Iterator[str]:
    if part not in _PARTS:
        raise KvgenError(f"{_PROSE}: unknown part {part!r}", f"one of {', '.join(_PARTS)}")
    titles = language_titles()
    if pattern != TOGETHER:
        written = load_pattern(pattern).languages
        titles = {language: title for language, title in titles.items() if language in written}
    found = {title: _PARTS[part](pattern, language) for language, title in titles.items()}
    is_folded = part in ("files", "shared")
    compose = _tabs if flavor == "mintlify" else _headings
    yield from compose({t: s for t, s in found.items() if s}, is_folded, depth)


def _tabs(found: dict[str, list[Snippet]], is_folded: bool, _: int) -> Iterator[str]:
    yield "<Tabs>"
    for number, (title, snippets) in enumerate(found.items()):
        yield from [""] if number else []
        yield f'  <Tab title="{title}">'
        for snippet in snippets:
            indent = " " * (6 if is_folded else 4)
            yield from [f'    <Accordion title="{snippet.path}">'] if is_folded else []
            yield f"{indent}{{/* kvgen: {' '.join(snippet.words)} */}}"
            yield f"{indent}{{/* kvgen: end */}}"
            yield from ["    </Accordion>"] if is_folded else []
        yield "  </Tab>"
    yield "</Tabs>"


def _headings(found: dict[str, list[Snippet]], is_folded: bool, depth: int) -> Iterator[str]:
    for number, (title, snippets) in enumerate(found.items()):
        yield from [""] if number else []
        yield f"{'#' * depth} {title}"
        for snippet in snippets:
            yield ""
            if is_folded:
                yield from ("<details>", f"<summary>{snippet.path}</summary>", "")
            yield f"<!-- kvgen: {' '.join(snippet.words)} -->"
            yield "<!-- kvgen: end -->"
            yield from ["", "</details>"] if is_folded else []
