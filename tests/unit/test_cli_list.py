"""`kvgen list` and `kvgen show`."""

import json
import re

import pytest

from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import pattern_names

_EVERY = [(pattern, language) for pattern in pattern_names() for language in BY_NAME]


def test_list_is_enough_to_choose_by(kvgen, snapshot):
    assert re.sub(r"(?<=go|on|pt) \d+(?=,| lines)", " N", kvgen("list").stdout) == snapshot


def test_list_as_json_has_the_same(kvgen, snapshot):
    listed = json.loads(kvgen("list", "--json").stdout)
    assert [pattern["name"] for pattern in listed["patterns"]] == pattern_names()
    for language in (la for pattern in listed["patterns"] for la in pattern["languages"].values()):
        assert language.pop("handler_lines") > 5
    assert listed == snapshot


@pytest.mark.parametrize(("pattern", "language"), _EVERY, ids="-".join)
def test_show_prints_what_new_writes(kvgen, tmp_path, pattern, language):
    folder = tmp_path / f"{pattern}-{language}"
    assert kvgen("new", pattern, folder.name, "-l", language).exit_code == 0
    result = kvgen("show", pattern, "-l", language)
    handler = folder / BY_NAME[language].handler
    assert result.stdout == handler.read_text(encoding="utf-8")
    every = json.loads(kvgen("show", pattern, "-l", language, "--all", "--json").stdout)
    assert every == {path: (folder / path).read_text(encoding="utf-8") for path in every}
    assert len(every) == len([p for p in folder.rglob("*") if p.is_file()]) - 2


def test_show_takes_options_and_a_file(kvgen):
    shown = kvgen("show", "session", "-l", "js", "func.toml", "--set", "ttl=5m")
    assert "func_name" in shown.stdout
    assert "= 300; // 5 minutes" in kvgen("show", "session", "-l", "js", "--set", "ttl=5m").stdout


@pytest.mark.parametrize(
    "line",
    [
        "show",
        "show session",
        "show sesion -l go",
        "show session -l rust",
        "show session -l go handler.js",
        "show session -l go --set ttl=0",
        "list extra",
    ],
)
def test_bad_usage_is_refused_with_status_2(kvgen, line, snapshot):
    result = kvgen(*line.split())
    assert re.sub(r"(?<=the files are ).*", "…", result.stderr) == snapshot
    assert result.exit_code == 2
