"""The use-case page as a whole: its prose is data, its code comes from the templates."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from kvgen.docs.regions import refresh
from kvgen.docs.snippets import (
    Snippet,
    common_files,
    find_snippet,
    helpers,
    language_titles,
    own_files,
)
from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.catalog import pattern_names
from kvgen.scaffold.roots import OWN_ROOT
from kvgen.scaffold.words import shown

FLAVORS = ("mintlify", "gfm")

_PROSE = Path("_docs/use-cases.md")
# Lines of the prose that stand for something: a handler in all languages, a table, the contents.
_HANDLER = re.compile(r"<!-- handler: (\w+) -->")
_FILES = "<!-- files -->"
_CONTENTS = "<!-- contents -->"
_KEY = re.compile(r"[A-Za-z_][\w-]*")


def page_text(flavor: str, front_matter: Mapping[str, str] | None = None, links: str = "") -> str:
    """Return the page: with tabs as Mintlify has them, or folded in GitHub's Markdown.

    Every code block stands between markers, so that a copy of the page can be refreshed.
    ``links`` is what the paths of files are put behind; without it they are relative to
    ``generated/``. With a title in the front matter the page has no heading of its own.
    """
    prose = (OWN_ROOT / _PROSE).read_text(encoding="utf-8").splitlines()
    if front_matter and "title" in front_matter:
        prose = prose[2:]
    sections = [line.removeprefix("## ") for line in prose if line.startswith("## ")]
    lines = list(_front_matter(front_matter or {}))
    for line in prose:
        handler = _HANDLER.fullmatch(line)
        if handler:
            lines += _handlers(handler[1], flavor)
        elif line == _FILES:
            lines += _table(links)
        elif line == _CONTENTS:
            lines += [f"- [{title}](#{_anchor(title)})" for title in sections]
        else:
            lines.append(line)
    return refresh("\n".join(lines) + "\n", find_snippet)


def check_front_matter(assignments: Sequence[str]) -> dict[str, str]:
    """Split ``KEY=VALUE`` texts; raises InvalidAnswerError for any other text."""
    found = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals or not _KEY.fullmatch(key):
            raise InvalidAnswerError(
                f"--front-matter {shown(assignment)}: a line is given as KEY=VALUE",
                'for example --front-matter title="KV use cases"',
            )
        found[key] = value
    return found


def _front_matter(values: Mapping[str, str]) -> Iterator[str]:
    if values:
        yield "---"
        # A string of JSON is also one of YAML.
        yield from (
            f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()
        )
        yield from ("---", "")


def _anchor(title: str) -> str:
    """Return the anchor that GitHub and Mintlify give a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _handlers(pattern: str, flavor: str) -> Iterator[str]:
    found = {
        title: find_snippet((pattern, language, "handler"))
        for language, title in language_titles().items()
    }
    compose: Callable[[dict[str, Snippet]], Iterator[str]]
    compose = _tabs if flavor == "mintlify" else _folded
    yield from compose(found)


def _tabs(found: Mapping[str, Snippet]) -> Iterator[str]:
    yield "<Tabs>"
    for title, snippet in found.items():
        yield f'  <Tab title="{title}">'
        yield f"    {{/* kvgen: {' '.join(snippet.words)} */}}"
        yield "    {/* kvgen: end */}"
        yield "  </Tab>"
    yield "</Tabs>"


def _folded(found: Mapping[str, Snippet]) -> Iterator[str]:
    for number, (title, snippet) in enumerate(found.items()):
        yield from [""] if number else []
        yield from ("<details>" if number else "<details open>", f"<summary>{title}</summary>", "")
        yield f"<!-- kvgen: {' '.join(snippet.words)} -->"
        yield "<!-- kvgen: end -->"
        yield from ("", "</details>")


def _table(links: str) -> Iterator[str]:
    """Yield the files that are not on the page, a link each: a column a language."""
    languages = language_titles()
    rows: dict[str, Callable[[str], list[Snippet]]] = {
        "entry point, manifests": lambda language: common_files("session", language),
        "key-value store": lambda language: [helpers("session", language)],
    }
    for name in pattern_names():
        rows[name] = lambda language, name=name: own_files(name, language)  # type: ignore[misc]
    yield f"| | {' | '.join(languages.values())} |"
    yield f"| --- |{' --- |' * len(languages)}"
    for title, files in rows.items():
        cells = (", ".join(_link(snippet, links) for snippet in files(la)) for la in languages)
        yield f"| {title} | {' | '.join(cells)} |"


def _link(snippet: Snippet, links: str) -> str:
    pattern, language, *_ = snippet.words
    name = snippet.path.rpartition("/")[2]
    return f"[{name}]({links}{pattern}/{language}/{snippet.path})"
