"""Rendering refuses to print what no literal filter has quoted."""

import re

import pytest
from jinja2 import UndefinedError

from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.model import Duration, Pattern, RenderedFile, TemplateFile
from kvgen.scaffold.render import human, render


@pytest.fixture
def render_text(tmp_path):
    session = load_pattern("session")
    answers = check_answers(session, "go", "My-name", {})

    def render_one(text, suffix=".j2"):
        (tmp_path / f"a{suffix}").write_text(text)
        file = TemplateFile(f"a{suffix}", "a")
        pattern = Pattern("session", "T", "", "B", "", "", session.options, {"go": (file,)}, {})
        return render(pattern, answers, tmp_path)

    return render_one


def test_quoted_answers_are_printed(render_text):
    files = render_text("{{ header | go }} {{ ttl | seconds }} {{ ttl | human }} {{ binding }}\n")
    assert files == (RenderedFile("a", '"X-Session-ID" 86400 24 hours B\n'),)


@pytest.mark.parametrize(
    "hole", ["header", "ttl", "name", "expiry", "'x' ~ name", "header | go ~ name"]
)
def test_unquoted_answer_is_refused(render_text, hole):
    with pytest.raises(TypeError, match="without a literal filter"):
        render_text("{{ %s }}" % hole)  # noqa: UP031 - braces of the template's own


def test_undefined_name_is_refused(render_text):
    with pytest.raises(UndefinedError, match="'tll' is undefined"):
        render_text("{{ tll }}")


def test_missing_namespace_is_a_placeholder_that_is_no_uuid(render_text):
    (file,) = render_text("{{ namespace_id | toml }}")
    assert re.fullmatch('"REPLACE-[A-Z-]+"', file.text)


def test_file_without_the_suffix_is_copied_as_it_is(render_text):
    assert render_text("{{ left }} {% alone\n", suffix="")[0].text == "{{ left }} {% alone\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (86400, "24 hours"),
        (90000, "25 hours"),
        (172800, "2 days"),
        (315360000, "3650 days"),
    ],
)
def test_human_duration_takes_the_largest_unit_that_fits(seconds, words):
    assert human(Duration("", seconds)) == words
