"""The use-case page, as people read it: every block is a tested file, and together they run."""

import re
from pathlib import Path

import pytest

from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.model import LANGUAGES
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.origin import Origin
from tests.behaviour.store import Kv

_GENERATED = Path(__file__).parents[2] / "generated"
_PAGES = {"mintlify": _GENERATED / "use-cases.mdx", "gfm": _GENERATED / "use-cases.md"}
_TITLES = {language.title: language.name for language in LANGUAGES}
_EVERY = [(pattern, language.name) for pattern in pattern_names() for language in LANGUAGES]

# What a section's heading says its code belongs to; None is every function.
_SECTIONS = {
    "Session": "session",
    "API": "cache",
    "Response": "cache",
    "Feature": "flag",
    "Helpers": None,
    "Every": None,
}


def _blocks(page):
    """Yield pattern (None for all), language, file name and text of each block, as it is read."""
    pattern = language = fence = None
    code: list[str] = []
    for line in page.read_text(encoding="utf-8").split("\n"):
        text = line.strip()
        title = re.match(r'(?:#+ |<Tab title=")(\w+)', text)
        opening = re.fullmatch(r"( *)```(\w+) (\S+)", line)
        if fence and text == "```":
            yield pattern, language, fence[3], "\n".join(code) + "\n"
            fence = None
        elif fence:
            assert not text or line.startswith(fence[1])
            code.append(line[len(fence[1]) :])
        elif opening:
            fence, code = opening, []
        elif title:
            language = _TITLES.get(title[1], language)
            pattern = _SECTIONS.get(title[1], pattern)


def _assembled(page, pattern, language):
    """Return the files of a function by name, its own in place of those that all have."""
    blocks = [block for block in _blocks(page) if block[1] == language]
    every = {name: text for owner, _, name, text in blocks if owner is None}
    own = {name: text for owner, _, name, text in blocks if owner == pattern}
    return every | own


@pytest.mark.parametrize("flavor", _PAGES)
def test_page_is_what_the_templates_make_byte_for_byte(kvgen, flavor):
    assert kvgen("docs", "--flavor", flavor).stdout_bytes == _PAGES[flavor].read_bytes()


def test_page_has_tabs_unless_told_otherwise(kvgen):
    assert kvgen("docs").stdout_bytes == _PAGES["mintlify"].read_bytes()


def test_both_flavors_show_the_same_code():
    mintlify, gfm = (list(_blocks(page)) for page in _PAGES.values())
    assert mintlify == gfm


@pytest.mark.parametrize("flavor", _PAGES)
def test_page_begins_with_the_handlers_in_the_order_of_the_languages(flavor):
    handlers = [
        (pattern, language.name, load_pattern(pattern).handlers[language.name])
        for pattern in ("session", "cache", "flag")
        for language in LANGUAGES
    ]
    assert [block[:3] for block in _blocks(_PAGES[flavor])][: len(handlers)] == handlers


def test_every_block_is_a_file_of_the_examples():
    for pattern, language, name, text in _blocks(_PAGES["mintlify"]):
        example = _GENERATED / (pattern or "session") / language / name
        assert example.read_text(encoding="utf-8") == text, example


@pytest.mark.parametrize(("pattern", "language"), _EVERY)
def test_page_has_every_file_that_is_deployed(pattern, language):
    folder = _GENERATED / pattern / language
    left_out = re.compile(r"\..*|README\.md|kvgen\..*|.*test.*|__pycache__|node_modules")
    deployed = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not any(map(left_out.fullmatch, path.relative_to(folder).parts))
    }
    assert _assembled(_PAGES["gfm"], pattern, language).keys() == deployed


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
    for name, text in _assembled(_PAGES["mintlify"], pattern, language).items():
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
