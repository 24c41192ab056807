"""A change of kvgen.toml keeps every other byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvgen.scaffold.edits import change_options, with_pattern, without_pattern
from kvgen.scaffold.model import Duration
from kvgen.scaffold.project import parse_project

_TOP = '# mine\nlanguage = "go" # and this\nname = "f"\n'
_COUNT = '[patterns.count] # counts\nttl = "24h"  # a day\n'
_MARK = '[patterns.mark]\nttl = "5m"\n'
_NOTE = '# for notes\n[patterns.note]\nplace = "https://a.example"\n'
_VALUES = {"ttl": Duration("5m", 300)}
_ENDS = pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "dos"])


def _joined(*tables):
    return "\n".join([_TOP, *tables])


@_ENDS
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_joined(), _joined(_MARK)),
        (_joined(_COUNT), _joined(_COUNT, _MARK)),
        (_joined(_NOTE), _joined(_MARK, _NOTE)),
        (_joined(_COUNT, _NOTE), _joined(_COUNT, _MARK, _NOTE)),
        (_joined(_NOTE, _COUNT), _joined(_MARK, _NOTE, _COUNT)),
        (_joined(_COUNT)[:-1], _joined(_COUNT, _MARK)[:-1]),
    ],
    ids=["none", "last", "first", "between", "out of order", "no last newline"],
)
def test_pattern_goes_to_its_place_and_comes_out_again(before, after, end):
    before, after = before.replace("\n", end), after.replace("\n", end)
    assert with_pattern(before, "mark", _VALUES) == after
    assert without_pattern(after, "mark") == before


@_ENDS
def test_order_in_which_patterns_come_leaves_no_trace(end):
    text = _TOP.replace("\n", end)
    there = with_pattern(with_pattern(text, "a", _VALUES), "b", _VALUES)
    assert with_pattern(with_pattern(text, "b", _VALUES), "a", _VALUES) == there


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            _joined(_MARK, "# about what\n# follows\n" + _COUNT),
            _joined("# about what\n# follows\n" + _COUNT),
        ),
        (_joined(_MARK + "# the end\n"), _joined("# the end\n")),
        (_joined("# about it\n" + _MARK, _COUNT), _joined("# about it\n" + _COUNT)),
        (_joined(_MARK.replace("]", " ]").replace("[", "[ ")), _TOP),
        (_joined('[patterns."mark"]\nttl = "5m"\n', _COUNT), _joined(_COUNT)),
        (_joined("[patterns.mark]\n", _COUNT), _joined(_COUNT)),
    ],
    ids=["comment below", "comment at the end", "comment above", "spaces", "quotes", "empty"],
)
def test_what_is_around_a_table_stays_when_it_goes(text, left):
    assert without_pattern(text, "mark") == left


@pytest.mark.parametrize(
    "text",
    [
        _TOP + 'patterns = { mark = { ttl = "5m" } }\n',
        _TOP + 'patterns.mark.ttl = "5m"\n',
        _joined('[patterns]\nmark = { ttl = "5m" }\n'),
        _joined('[patterns]\n\n[patterns.count]\nttl = """\n[patterns.mark]\n"""\n'),
    ],
    ids=["inline", "dotted", "inline in a table", "text of a value"],
)
def test_table_that_is_not_written_as_one_is_refused_and_not_torn(text):
    with pytest.raises(ValueError, match=r"not written as \[patterns\.NAME\]"):
        without_pattern(text, "mark" if "mark =" in text or "mark.ttl" in text else "count")


def test_pattern_beside_inline_ones_is_refused():
    with pytest.raises(ValueError, match=r"not written as \[patterns\.NAME\]"):
        with_pattern(_TOP + 'patterns = { mark = { ttl = "5m" } }\n', "count", _VALUES)


@pytest.mark.parametrize(
    "change", [with_pattern, lambda text, name, _: without_pattern(text, name)]
)
def test_text_that_is_no_project_is_refused_as_such(change):
    with pytest.raises(ValueError, match="conflict"):
        change("<<<<<<< ours\n" + _joined(_MARK), "mark", _VALUES)


_LINES = st.sampled_from(["", "# mine", "  # mine too", "\t"])


@given(st.lists(st.lists(_LINES, max_size=3), min_size=4, max_size=4), st.booleans())
def test_adding_takes_nothing_away_and_removing_takes_what_was_added(between, is_last):
    first, *others = between
    parts = [*_TOP.splitlines(), *first]
    for name, lines in zip(["count", "note"], others, strict=False):
        parts += [f"[patterns.{name}]", 'ttl = "1s"', *lines]
    text = "\n".join(parts) + "\n"
    name = "zebra" if is_last else "mark"
    after = with_pattern(text, name, _VALUES)
    assert parse_project(after).patterns == {
        **parse_project(text).patterns,
        name: {"ttl": "5m"},
    }
    left = without_pattern(after, name)
    assert [line for line in left.split("\n") if line.strip()] == [
        line for line in text.split("\n") if line.strip()
    ]


_TTL, _EXPIRY = ("patterns", "count", "ttl"), ("expiry",)


@_ENDS
@pytest.mark.parametrize(
    ("text", "changes", "changed"),
    [
        (_joined(_COUNT), {}, _joined(_COUNT)),
        (_joined(_COUNT), {_TTL: "1h"}, _joined(_COUNT).replace("24h", "1h")),
        (_joined(_COUNT, _MARK), {_TTL: "1h"}, _joined(_COUNT, _MARK).replace("24h", "1h")),
        (
            _joined(_COUNT),
            {_EXPIRY: "both"},
            _joined(_COUNT).replace('"f"\n', '"f"\nexpiry = "both"\n'),
        ),
        (
            _joined(_COUNT, _MARK),
            {("patterns", "count", "header"): "X-A", _TTL: None},
            _joined('[patterns.count] # counts\nheader = "X-A"\n', _MARK),
        ),
        (_joined(_COUNT), {("patterns", "count", "cookie"): None}, _joined(_COUNT)),
        (_joined(_COUNT)[:-1], {_TTL: "1h"}, _joined(_COUNT)[:-1].replace("24h", "1h")),
        (
            _TOP + 'patterns = { count = { ttl = "24h" } }\n',
            {_TTL: "1h"},
            _TOP + 'patterns = { count = { ttl = "1h" } }\n',
        ),
        (_TOP + 'patterns.count.ttl = "24h"\n', {_TTL: "1h"}, _TOP + 'patterns.count.ttl = "1h"\n'),
    ],
)
def test_change_of_an_option_leaves_every_other_byte(text, changes, changed, end):
    assert change_options(text.replace("\n", end), changes) == changed.replace("\n", end)


def test_change_in_a_table_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="patterns"):
        change_options(_TOP, {_TTL: "1h"})


def test_change_of_a_value_with_quotes_reads_back():
    text = change_options(_joined(_COUNT), {("patterns", "count", "header"): "`'\"\\"})
    assert parse_project(text).patterns["count"]["header"] == "`'\"\\"
