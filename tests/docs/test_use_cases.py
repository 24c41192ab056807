"""The use-case page, as people read it: every block is a tested handler, every link leads on."""

import re
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
import yaml  # type: ignore[import-untyped]  # comes with schemathesis

from kvgen.docs.page import page_text
from kvgen.languages.describe import BY_NAME, ON_PAGES
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.function import new_function
from kvgen.scaffold.render import render
from tests.behaviour.hosting import hosted
from tests.behaviour.hosts import HOSTS
from tests.behaviour.origin import Origin
from tests.behaviour.store import Kv
from tests.behaviour.webhooks import PUBLIC_KEY, deliver, event, new_id

_GENERATED = Path(__file__).parents[2] / "generated"
_PAGES = {"mintlify": _GENERATED / "use-cases.mdx", "gfm": _GENERATED / "use-cases.md"}
_text = cache(page_text)
_TITLES = {language.title: language.name for language in ON_PAGES}
_EVERY = [(pattern, language.name) for pattern in pattern_names() for language in ON_PAGES]

# What a section's heading says its code belongs to.
_SECTIONS = {"Session": "session", "API": "cache", "Feature": "flag", "Webhooks": "webhook"}
_SECTIONS["Together"] = "together"


def _blocks(text):
    """Yield pattern, language, file name and text of each block, as it is read."""
    pattern = language = fence = None
    code: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip()
        title = re.match(r'(?:#+ |<Tab title="|<summary>)(\w+)', stripped)
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
    """Return the files of a function, by path."""
    answers = new_function(load_pattern(pattern), language, f"{pattern}-{language}", {})
    return {file.path: file.text for file in render(answers)}


@pytest.mark.parametrize("flavor", _PAGES)
def test_page_is_what_the_templates_make_byte_for_byte(kvgen, flavor):
    assert kvgen("docs", "--flavor", flavor).stdout_bytes == _PAGES[flavor].read_bytes()


def test_page_has_tabs_unless_told_otherwise(kvgen):
    assert kvgen("docs").stdout == _text("mintlify")


def test_both_flavors_show_the_same_code():
    mintlify, gfm = (list(_blocks(text)) for text in map(_text, _PAGES))
    assert mintlify == gfm


@pytest.mark.parametrize("flavor", _PAGES)
def test_page_has_each_handler_once_in_the_order_of_the_languages(flavor):
    handlers = [
        (pattern, language.name, PurePosixPath(language.handler).as_posix())
        for pattern in _SECTIONS.values()
        for language in ON_PAGES
    ]
    assert [block[:3] for block in _blocks(_text(flavor))] == handlers


def test_every_block_is_a_tested_handler():
    for pattern, language, name, text in _blocks(_text("mintlify")):
        folder = "storefront" if pattern == "together" else pattern
        assert (_GENERATED / folder / language / name).read_text() == text, name


@pytest.mark.parametrize("flavor", _PAGES)
def test_every_file_that_is_deployed_is_linked_and_no_other(flavor):
    linked = set(re.findall(r"\]\(([^#)]+)\)", _text(flavor)))
    support = re.compile(r"(.*/)?(\..*|README\.md|kvgen\..*|.*test.*|.*fake.*)")
    deployed = {
        f"{pattern}/{language}/{path}"
        for pattern, language in _EVERY
        for path in _function(pattern, language)
        if path != BY_NAME[language].handler and not support.fullmatch(path)
    }
    assert all((_GENERATED / path).is_file() for path in linked)
    # What every function has is linked once, in the folder of a session.
    assert {path.split("/", 1)[1] for path in linked} == {p.split("/", 1)[1] for p in deployed}
    assert linked <= deployed


@pytest.mark.parametrize("flavor", _PAGES)
def test_contents_lead_to_every_section(flavor):
    contents = re.findall(r"^- \[(.+)\]\(#(.+)\)$", _text(flavor), re.MULTILINE)
    assert [title for title, _ in contents] == re.findall("^## (.+)", _text(flavor), re.MULTILINE)
    assert [anchor for _, anchor in contents] == [
        title.lower().replace(" ", "-") for title, _ in contents
    ]


def test_front_matter_has_the_title_in_place_of_the_heading(kvgen):
    options = ("--front-matter", 'title=KV "use" cases: ü', "--front-matter", "sidebar_position=3")
    page = kvgen("docs", *options).stdout
    assert yaml.safe_load(page.split("---\n")[1]) == {
        "title": 'KV "use" cases: ü',
        "sidebar_position": "3",
    }
    assert page.split("---\n\n", 1)[1] == _text("mintlify").split("\n\n", 1)[1]


@pytest.mark.parametrize("line", ["title", "=x", "a b=x", "---=x"])
def test_line_that_is_no_front_matter_is_refused(kvgen, line):
    result = kvgen("docs", "--front-matter", line)
    assert result.exit_code == 2
    assert "KEY=VALUE" in result.stderr


def test_links_lead_where_they_are_told(kvgen):
    page = kvgen("docs", "--links", "https://example.com/tree/main/generated/").stdout
    assert "(https://example.com/tree/main/generated/flag/go/flag.go)" in page


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
    handlers = {block[:2]: block[2:] for block in _blocks(_text("mintlify"))}
    files = _function(pattern, language) | dict([handlers[pattern, language]])
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "work").mkdir()
    environment = kv.environment | {"ORIGIN_URL": origin.url, "TELNYX_PUBLIC_KEY": PUBLIC_KEY}
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


def _receives_an_event(function, kv, path):
    body = event(new_id())
    statuses = [deliver(function, body, path=path).json()["status"] for _ in range(2)]
    assert statuses == ["processed", "duplicate"]


_BEHAVIOURS = {
    "session": _counts_a_session,
    "cache": _keeps_an_answer,
    "flag": _flips_a_flag,
    "webhook": _receives_an_event,
}
