"""`kvgen list --compare`: the languages side by side, by what the bench recorded."""

import re

from kvgen.cli.compare import read_figures
from kvgen.languages.describe import LANGUAGES


def _table(kvgen, pattern):
    result = kvgen("list", "--compare", pattern)
    assert result.exit_code == 0
    header, *rows = (re.split(r" {2,}", line) for line in result.stdout.splitlines())
    assert header == ["", *(language.title for language in LANGUAGES)]
    for language in LANGUAGES:
        assert f"{language.title:<10}  {language.trade_off}" in result.stdout
    assert result.stdout.endswith(f"; {read_figures()['measured']}.\n")
    return {row[0]: row[1:] for row in rows if len(row) == len(header)}


def _recorded(pattern, key, form):
    figures = read_figures()["patterns"][pattern]
    each = (figures.get(language.name, {}) for language in LANGUAGES)
    return [form.format(known[key]) if key in known else "-" for known in each]


def test_languages_are_compared_by_what_was_measured_and_what_a_folder_has(kvgen):
    table = _table(kvgen, "session")
    assert table["memory"] == _recorded("session", "memory_mb", "{:g} MB")
    assert table["a million requests"] == _recorded("session", "million_dollars", "${:.2f}")
    assert table["handler"][0].endswith(" lines")
    assert table["packages"] == ["none", "none", "aiohttp, starlette", "none"]
    assert table["the platform brings"] == [language.platform for language in LANGUAGES]


def test_what_was_not_measured_of_a_pattern_has_no_row(kvgen):
    table = _table(kvgen, "cache")
    assert table["requests a second"] == _recorded("cache", "requests_a_second", "{:,g}")
    assert "memory" not in table


def test_language_that_was_not_measured_has_a_dash(kvgen, monkeypatch):
    of_go = {"session": {"go": {"memory_mb": 16.0}}}
    figures = {"measured": "somebody", "patterns": of_go}
    monkeypatch.setattr("kvgen.cli.compare.read_figures", lambda: figures)
    result = kvgen("list", "--compare")
    assert re.search(r"^memory +- +- +- +16 MB$", result.stdout, re.MULTILINE)


def test_pattern_of_which_nothing_was_measured_says_so(kvgen):
    assert "webhook" not in read_figures()["patterns"]
    result = kvgen("list", "--compare", "webhook")
    assert result.stdout.endswith("No speed was measured of webhook.\n")


def test_one_pattern_can_be_listed(kvgen):
    shown = kvgen("list", "flag").stdout
    assert shown.endswith(
        "kvgen show flag -l javascript, or kvgen new flag my-flag -l javascript\n"
    )
    assert shown.startswith("flag: Feature flags\n")
    assert "session: " not in shown
    assert kvgen("list", "flga").exit_code == 2
