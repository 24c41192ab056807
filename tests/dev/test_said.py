"""What `kvgen dev` makes of a function's patterns: stand-ins, and what to try first."""

import pytest

from kvgen.cli import dev, dev_lines
from kvgen.dev.events import Ready, StoodIn
from kvgen.dev.placeholders import ORIGIN, SIGNING_KEY, Placeholder
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.function import check_pattern, new_function
from kvgen.scaffold.manifest import STAND_INS
from kvgen.scaffold.model import is_wanted

_READY = Ready("http://127.0.0.1:8080", "http://127.0.0.1:1", is_reload=False)


def _answers(handler, *others, **given):
    answers = new_function(load_pattern(handler), "go", "f", given)
    more = {name: check_pattern(load_pattern(name), {}) for name in others}
    return answers._replace(patterns={**answers.patterns, **more})


def _said(capsys, event, answers):
    dev_lines.say(event, answers)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("pattern", pattern_names())
def test_first_request_is_the_handlers_with_the_url(capsys, pattern):
    others = [name for name in pattern_names() if name != pattern]
    request, *_ = load_pattern(pattern).first_requests
    _, tried, _ = _said(capsys, _READY, _answers(pattern, *others))
    assert tried == f"Try: {request.text.replace('URL', 'http://localhost:8080')}"


def test_first_request_is_the_one_that_the_answers_ask_for(capsys):
    header, cookie = load_pattern("session").first_requests
    for answers, request in (
        (_answers("session"), header),
        (_answers("session", cookie="sid"), cookie),
    ):
        assert is_wanted(request, answers.patterns["session"])
        _, tried, _ = _said(capsys, _READY, answers)
        assert tried == f"Try: {request.text.replace('URL', 'http://localhost:8080')}"


def test_nothing_is_to_try_in_a_function_of_the_users_own_or_after_a_reload(capsys):
    lines = _said(capsys, _READY, _answers("session")._replace(handler=None))
    assert [line.split()[0] for line in lines] == ["Ready", "A"]
    again = _READY.__class__(_READY.url, _READY.kv_url, is_reload=True)
    assert _said(capsys, again, _answers("session")) == ["Reloaded."]


def test_nothing_is_to_try_where_kvgen_itself_sends_the_first_request(capsys):
    dev_lines.say(_READY, _answers("webhook"), sends=True)
    assert "Try" not in capsys.readouterr().out


def test_stand_in_is_said_by_the_variable_that_it_answers_for(capsys):
    said = _said(capsys, StoodIn("ORIGIN_URL", "origin"), _answers("cache"))
    assert said == ["ORIGIN_URL is still the placeholder: a stand-in responds."]
    (said,) = _said(capsys, StoodIn("PUBLIC_KEY", "signing-key"), _answers("cache"))
    assert said.startswith("PUBLIC_KEY is a key made for this run; --send FILE")


def test_placeholders_are_those_of_all_patterns_that_have_a_stand_in():
    wanted = {"ORIGIN_URL": Placeholder("https://api.example.com", "origin")}
    assert dev._placeholders(_answers("cache")) == wanted
    assert dev._placeholders(_answers("session", "cache", "flag")) == wanted
    # Whether it still is the placeholder is for the environment to say, not for kvgen.toml.
    assert dev._placeholders(_answers("cache", origin="https://a.example")) == wanted
    assert dev._placeholders(_answers("session", "flag")) == {}


def test_every_stand_in_that_a_manifest_may_ask_for_is_made_and_said():
    assert {*STAND_INS} - {""} == {ORIGIN, SIGNING_KEY} == {*dev_lines._STAND_INS}
