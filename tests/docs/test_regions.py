"""`kvgen docs FILE`: what stands between markers is refreshed, and no other byte is touched."""

import json
import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvgen.docs.regions import PageError, refresh
from kvgen.docs.snippets import Snippet, find_snippet

_HANDLER = find_snippet(("session", "go", "handler")).text


def _find(words):
    return Snippet(tuple(words), "a.js", "one();\n\n  two();\n")


_FRESH = "one();\n\n  two();"


@pytest.mark.parametrize(
    ("page", "refreshed"),
    [
        # an empty region gets a block, with the name of the file
        (
            "<!-- kvgen: a -->\n<!-- kvgen: end -->",
            f"<!-- kvgen: a -->\n```javascript a.js\n{_FRESH}\n```\n<!-- kvgen: end -->",
        ),
        # fence, info string and what is around the block stay
        (
            "# T\n<!--kvgen:a-->\n\ntext\n````js x theme={null}\nold\n```\n`````  \n\n"
            "<!-- kvgen:  end-->\nz",
            f"# T\n<!--kvgen:a-->\n\ntext\n````js x theme={{null}}\n{_FRESH}\n`````  \n\n"
            "<!-- kvgen:  end-->\nz",
        ),
        (
            "<!-- kvgen: a -->\n~~~\n```\n~~~\n<!-- kvgen: end -->\n",
            f"<!-- kvgen: a -->\n~~~\n{_FRESH}\n~~~\n<!-- kvgen: end -->\n",
        ),
        # indented, as in a tab
        (
            "  <Tab>\n    {/* kvgen: a */}\n    ```js\n    ```\n    {/* kvgen: end */}\n  </Tab>\n",
            "  <Tab>\n    {/* kvgen: a */}\n    ```js\n    one();\n\n      two();\n    ```\n"
            "    {/* kvgen: end */}\n  </Tab>\n",
        ),
        # two regions, and a marker in a block that shows how markers are written
        (
            "```\n<!-- kvgen: nothing\n```\n"
            + 2 * "<!-- kvgen: a -->\n```\nx\n```\n<!-- kvgen: end -->\n",
            "```\n<!-- kvgen: nothing\n```\n"
            + 2 * f"<!-- kvgen: a -->\n```\n{_FRESH}\n```\n<!-- kvgen: end -->\n",
        ),
    ],
)
def test_region_is_refreshed_and_nothing_else(page, refreshed):
    assert refresh(page, _find) == refreshed
    assert refresh(refreshed, _find) == refreshed
    with_crlf = refreshed.replace("\n", "\r\n")
    assert refresh(page.replace("\n", "\r\n"), _find) == with_crlf
    assert refresh("\ufeff" + page, _find) == "\ufeff" + refreshed


@pytest.mark.parametrize("code", ["```\na\n```\n", "  ````\n", "no fence ```\n"])
def test_fence_grows_until_the_code_fits(code):
    page = "<!-- kvgen: a -->\n```md title\n```\n<!-- kvgen: end -->\n"
    refreshed = refresh(page, lambda words: Snippet(tuple(words), "a.md", code))
    (fence,) = re.findall(r"^(`+)md title$", refreshed, re.MULTILINE)
    assert f"\n{fence}md title\n{code}{fence}\n<!-- kvgen: end -->\n" in refreshed
    assert len(fence) > len(max(re.findall("^ *(`+)", code, re.MULTILINE), default="``", key=len))
    assert refresh(refreshed, lambda words: Snippet(tuple(words), "a.md", code)) == refreshed


_AROUND = st.text(alphabet="a#`~<>{}*/\u2028\x0b\x85\ufeff\ud800\r\n é", max_size=60)


@given(before=_AROUND, after=_AROUND, old=st.text(alphabet="ab\n {}", max_size=20))
def test_what_is_outside_of_the_markers_never_changes(before, after, old):
    # An open fence around a marker makes it text, which is another test's subject.
    before = re.sub("[`~]{3,}", "", before)
    region = "<!-- kvgen: a -->\n```\n{}\n```\n<!-- kvgen: end -->\n"
    page = f"{before}\n{region.format(old)}{after}"
    assert refresh(page, _find) == f"{before}\n{region.format(_FRESH)}{after}"


_BLOCK = "```\n```\n"
_END = "<!-- kvgen: end -->\n"


@pytest.mark.parametrize(
    "page",
    [
        "nothing\n",
        f"a\n<!-- kvgen: session go handler -->\n{_BLOCK}",
        "<!-- kvgen: session go handler -->\n```\n" + _END,
        f"<!-- kvgen: session go handler -->\n<!-- kvgen: flag go handler -->\n{_END}{_END}",
        f"{_BLOCK}{_END}",
        f"<!-- kvgen: session go handler -->\n{_BLOCK}{_BLOCK}{_END}",
        f"<!-- kvgen: session go handler -->\nmine\n{_END}",
        f"\n<!-- kvgen: sesion go handler -->\n{_END}",
        f"<!-- kvgen: session rust handler -->\n{_END}",
        f"<!-- kvgen: session go handlr -->\n{_END}",
        f"<!-- kvgen: session go file handlr.go -->\n{_END}",
        f"<!-- kvgen: session go file -->\n{_END}",
        f"<!-- kvgen: session go handler.go now -->\n{_END}",
        f"<!-- kvgen: session -->\n{_END}",
        f"<!-- kvgen: -->\n{_END}",
        f"<!-- kvgen: session go handler\n-->\n{_END}",
        f"<!-- kvgen: session go handler --> text\n{_END}",
    ],
)
def test_page_that_is_not_right_is_refused_with_its_line(kvgen, snapshot, page):
    Path("page.md").write_text(page)
    result = kvgen("docs", "page.md")
    said = re.sub(r"(?<=the files are ).*", "…", result.stderr)
    assert (result.exit_code, said) == snapshot
    assert result.exit_code == 1
    assert Path("page.md").read_text() == page


_STALE = (
    "\ufeff# T\r\n<!-- kvgen: session go handler -->\r\n```go\r\nold\r\n```\r\n<!-- kvgen: end -->"
)


def _stale(name="page.md"):
    path = Path(name)
    path.write_bytes(_STALE.encode() + b"\r\n\xff no line end")
    return path


def test_page_is_refreshed_on_the_disk(kvgen):
    page = _stale()
    page.chmod(0o640)
    result = kvgen("docs", "page.md")
    assert (result.exit_code, result.stdout) == (0, "update   page.md\n1 page, 1 changed\n")
    code = _HANDLER.replace("\n", "\r\n").encode()
    head, _, tail = _STALE.encode().partition(b"old\r\n")
    assert page.read_bytes() == head + code + tail + b"\r\n\xff no line end"
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert os.listdir() == ["page.md"]


def test_page_that_is_up_to_date_is_not_written(kvgen):
    page = _stale()
    kvgen("docs", "page.md")
    os.utime(page, ns=(1, 1))
    assert kvgen("docs", "page.md").stdout == "1 page, 0 changed\n"
    assert kvgen("docs", "--check", "page.md").exit_code == 0
    assert page.stat().st_mtime_ns == 1


def test_check_shows_the_drift_and_writes_nothing(kvgen, snapshot):
    page = _stale()
    before = page.read_bytes()
    result = kvgen("docs", "--check", "page.md")
    assert result.exit_code == 3
    assert result.stdout == snapshot
    assert page.read_bytes() == before


def test_json_is_on_stdout_and_all_else_on_stderr(kvgen):
    _stale()
    result = kvgen("docs", "--check", "--json", "page.md")
    assert result.exit_code == 3
    (row,) = json.loads(result.stdout)
    assert (row["path"], row["action"]) == ("page.md", "update")
    assert "1 page, 1 would change" in result.stderr


def test_page_behind_a_link_is_refreshed_and_the_link_stays(kvgen):
    Path("real").mkdir()
    page = _stale("real/page.md")
    Path("link.md").symlink_to(page)
    assert kvgen("docs", "link.md").exit_code == 0
    assert Path("link.md").is_symlink()
    assert b"sessionTTL" in page.read_bytes()


def test_one_page_that_is_not_right_leaves_all_as_they_were(kvgen):
    page = _stale()
    before = page.read_bytes()
    Path("bad.md").write_text(f"<!-- kvgen: session go handler -->\nmine\n{_END}")
    assert kvgen("docs", "page.md", "bad.md").exit_code == 1
    assert page.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("docs --check", 2),
        ("docs --json", 2),
        ("docs --flavor gfm page.md", 2),
        ("docs --flavor html", 2),
        ("docs absent.md", 1),
        ("docs empty", 1),
    ],
)
def test_bad_usage_is_refused(kvgen, line, status):
    _stale()
    Path("empty").mkdir()
    result = kvgen(*line.split())
    assert result.exit_code == status
    assert "Error: " in result.stderr


def test_folder_stands_for_the_pages_below_it_that_have_a_region(kvgen):
    for folder in ("guide/deep", "node_modules/a", ".hidden"):
        Path(folder).mkdir(parents=True)
    found = [_stale("guide/page.md"), _stale("guide/deep/page.mdx")]
    others = [_stale("node_modules/a/page.md"), _stale(".hidden/page.md"), _stale("guide/page.txt")]
    Path("guide/plain.md").write_text("# nothing of ours\n")
    before = others[0].read_bytes()
    result = kvgen("docs", ".")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "2 pages, 2 changed")
    assert all(b"sessionTTL" in page.read_bytes() for page in found)
    assert all(page.read_bytes() == before for page in others)
    assert kvgen("docs", "--check", "guide").exit_code == 0


def test_link_that_is_found_below_a_folder_is_not_followed_out_of_it(kvgen):
    """One that is named is: whoever names it knows what it leads to."""
    Path("guide").mkdir()
    inside, outside = _stale("guide/page.txt"), _stale("mine.md")
    Path("guide/inside.md").symlink_to("page.txt")
    Path("guide/outside.md").symlink_to("../mine.md")
    before = outside.read_bytes()
    result = kvgen("docs", "guide")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "1 page, 1 changed")
    assert b"sessionTTL" in inside.read_bytes()
    assert outside.read_bytes() == before
    assert kvgen("docs", "guide/outside.md").exit_code == 0
    assert b"sessionTTL" in outside.read_bytes()


def test_page_in_gits_own_folder_is_refused(kvgen):
    Path(".git").mkdir()
    page = _stale(".git/page.md")
    Path("link.md").symlink_to(".git/page.md")
    before = page.read_bytes()
    for name in (".git/page.md", "link.md"):
        result = kvgen("docs", name)
        assert (result.exit_code, "belongs to git" in result.stderr) == (1, True)
    assert page.read_bytes() == before


def test_page_of_more_regions_than_anybody_writes_is_refused():
    """Each of them is rendered, and a page of a megabyte can have 20,000."""
    region = "<!-- kvgen: a -->\n<!-- kvgen: end -->\n"
    assert refresh(region * 1_000, _find).count(_FRESH) == 1_000
    with pytest.raises(PageError, match="line 2002: the page has more than 1,000 regions"):
        refresh(region * 20_000, _find)


def test_marker_answers_options():
    text = find_snippet(("session", "js", "handler", "ttl=1h", "cookie=sid")).text
    assert 'const SESSION_COOKIE = "sid";' in text
    assert "3600; // 1 hour" in text


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("session js handler:json", "function json(status, value, headers = {}) {", "}"),
        ("session js handler:SESSION_HEADER", 'const SESSION_HEADER = "X-Session-ID";', None),
        ("session js file session.js:newSession", "/**", "}"),
        ("session py handler:handler", "async def handler(request: Request) -> Response:", None),
        ("session py helpers:KvError", "class KvError(Exception):", None),
        ("session go handler:handler", "func handler(", "}"),
        ("session go helpers:kvGet", "// kvGet ", "}"),
        ("together go handler:handler", "// handler ", "}"),
    ],
)
def test_marker_names_a_part_of_a_file(words, first, last):
    snippet = find_snippet(words.split())
    lines = snippet.text.splitlines()
    assert lines[0].startswith(first)
    assert last is None or lines[-1] == last
    whole = find_snippet(words.partition(":")[0].split()).text
    assert whole.count(snippet.text) == 1


@pytest.mark.parametrize("language", ["js", "py", "go"])
def test_every_function_of_a_file_can_be_named(language):
    whole = find_snippet(("session", language, "helpers")).text
    names = re.findall(r"^(?:export )?(?:async )?(?:function|def|func) (\w+)", whole, re.MULTILINE)
    assert len(names) > 8
    for name in names:
        part = find_snippet(("session", language, f"helpers:{name}")).text
        assert part in whole
        assert len(re.findall(rf"^\S.*\b{name}\(", part, re.MULTILINE)) == 1
