"""`kvgen list --compare`: the languages side by side, by what the bench recorded."""

import re

from kvgen.cli.compare import read_figures
from kvgen.languages.describe import LANGUAGES


def test_languages_are_compared_by_what_was_measured_and_what_a_folder_has(kvgen):
    result = kvgen("list", "--compare", "cache")
    assert result.exit_code == 0
    header, *rows = (re.split(r" {2,}", line) for line in result.stdout.splitlines())
    assert header == ["", "JavaScript", "Python", "Go"]
    table = {row[0]: row[1:] for row in rows if len(row) == 4}
    figures = read_figures()["languages"].values()
    assert table["memory"] == [f"{each['memory_mb']:g} MB" for each in figures]
    assert table["handler"][0].endswith(" lines")
    assert table["packages"] == ["none", "aiohttp, starlette", "none"]
    for language in LANGUAGES:
        assert f"{language.title:<10}  {language.trade_off}" in result.stdout


def test_language_that_was_not_measured_has_a_dash(kvgen, monkeypatch):
    figures = {"measured": "nobody", "languages": {}}
    monkeypatch.setattr("kvgen.cli.compare.read_figures", lambda: figures)
    result = kvgen("list", "--compare")
    assert re.search(r"^memory +- +- +-$", result.stdout, re.MULTILINE)


def test_one_pattern_can_be_listed(kvgen):
    shown = kvgen("list", "flag").stdout
    assert shown.startswith("flag: Feature flags\n")
    assert "session: " not in shown
    assert kvgen("list", "flga").exit_code == 2
