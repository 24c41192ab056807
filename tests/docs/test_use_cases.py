"""The use-case page, as people read it: every block is a tested file, and together they run."""

import re
from functools import cache
from pathlib import Path

import pytest

from kvgen.docs.page import page_text
from kvgen.languages.describe import LANGUAGES, ON_PAGES
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.function import new_function
from kvgen.scaffold.render import render
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.origin import Origin
from tests.behaviour.store import Kv

_GENERATED = Path(__file__).parents[2] / "generated"
_PAGES = {"mintlify": _GENERATED / "use-cases.mdx", "gfm": _GENERATED / "use-cases.md"}
_text = cache(page_text)
_TITLES = {language.title: language.name for language in LANGUAGES}
_EVERY = [(pattern, language.name) for pattern in pattern_names() for language in LANGUAGES]

# What a section's heading says its code belongs to; None is every function.
_SECTIONS = {
    "Session": "session",
    "API": "cache",
    "Response": "cache",
    "Feature": "flag",
    "Together": "together",
    "Helpers": None,
    "Every": None,
}


def _blocks(text):
    """Yield pattern (None for all), language, file name and text of each block, as it is read."""
    pattern = language = fence = None
    code: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip()
        title = re.match(r'(?:#+ |<Tab title=")(\w+)', stripped)
        opening = re.fullmatch(r"( *)```(\w+) (\S+)", line)
        if fence and stripped == "```":
            yield pattern, language, fence[3], "\n".join(code) + "\n"
            fence = None
        elif fence:
            assert not stripped or line.startswith(fence[1])
            code.append(line[len(fence[1]) :])
        elif opening:
            fence, code = opening, []
        elif title:
            language = _TITLES.get(title[1], language)
            pattern = _SECTIONS.get(title[1], pattern)


def _function(pattern, language):
    """Return the files of a function that are deployed and are code or a manifest, by path."""
    answers = new_function(load_pattern(pattern), language, f"{pattern}-{language}", {})
    left_out = re.compile(r"\..*|README\.md|kvgen\..*|.*test.*|.*fake.*")
    files = [(file.path, file.text) for file in render(answers)]
    return {p: text for p, text in files if not any(map(left_out.fullmatch, p.split("/")))}


def _assembled(text, pattern, language):
    """Return the files of a function by name, its own in place of those that all have."""
    blocks = [block for block in _blocks(text) if block[1] == language]
    every = {name: text for owner, _, name, text in blocks if owner is None}
    own = {name: text for owner, _, name, text in blocks if owner == pattern}
    return every | own


@pytest.mark.parametrize("flavor", _PAGES)
def test_page_is_what_the_templates_make_byte_for_byte(kvgen, flavor):
    assert kvgen("docs", "--flavor", flavor).stdout_bytes == _PAGES[flavor].read_bytes()


def test_page_has_tabs_unless_told_otherwise(kvgen):
    assert kvgen("docs").stdout == _text("mintlify")


def test_both_flavors_show_the_same_code():
    mintlify, gfm = (list(_blocks(text)) for text in map(_text, _PAGES))
    assert mintlify == gfm


@pytest.mark.parametrize("flavor", _PAGES)
def test_page_begins_with_the_handlers_and_typescript_first(flavor):
    handlers = [
        (pattern, language.name, language.handler)
        for pattern in ("session", "cache", "flag")
        for language in ON_PAGES
    ]
    assert [block[:3] for block in _blocks(_text(flavor))][: len(handlers)] == handlers


def test_every_block_is_a_file_of_a_function():
    for pattern, language, name, text in _blocks(_text("mintlify")):
        if pattern == "together":
            assert (_GENERATED / "storefront" / language / name).read_text() == text, name
            continue
        assert _function(pattern or "session", language)[name] == text, name


@pytest.mark.parametrize(("pattern", "language"), _EVERY)
def test_page_has_every_file_that_is_deployed(pattern, language):
    deployed = _function(pattern, language).keys()
    assert _assembled(_text("gfm"), pattern, language).keys() == deployed


@pytest.fixture(scope="module")
def kv(tmp_path_factory):
    with Kv(tmp_path_factory.mktemp("kv") / "kv.db").serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def origin():
    with Origin().listening() as listening:
        yield listening


@pytest.mark.parametrize(("pattern", "language"), _EVERY)
def test_code_of_the_page_runs(tmp_path, kv, origin, pattern, language):
    folder = tmp_path / "function"
    for name, text in _assembled(_text("mintlify"), pattern, language).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "work").mkdir()
    environment = kv.environment | {"ORIGIN_URL": origin.url}
    with hosted(folder, tmp_path / "work", environment, HOSTS[language]) as function:
        assert function.request("GET", "/health").status_code == 200
        _BEHAVIOURS[pattern](function, kv, f"/{language}")


def _counts_a_session(function, kv, path):
    created = function.request("POST", path)
    assert created.status_code == 201
    headers = {"X-Session-ID": created.headers["X-Session-ID"]}
    assert function.request("GET", path, headers=headers).json()["views"] == 1
    assert kv.get(f"session/{headers['X-Session-ID']}") is not None


def _keeps_an_answer(function, kv, path):
    answers = [function.request("GET", path) for _ in range(2)]
    assert [(a.headers["X-Cache"], a.text) for a in answers] == [
        ("MISS", "hello"),
        ("HIT", "hello"),
    ]


def _flips_a_flag(function, kv, path):
    for value, verdict in (("false", "off"), ("true", "on")):
        kv.put("flag/new-ui", value)
        assert function.request("GET", path).headers["X-Flag"] == f"new-ui={verdict}"


_BEHAVIOURS = {"session": _counts_a_session, "cache": _keeps_an_answer, "flag": _flips_a_flag}
