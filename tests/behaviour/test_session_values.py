"""What a session may hold: numbers, texts and depths at the edges of what JSON readers agree on."""

import json
import uuid

import pytest

from kvgen.scaffold.model import LANGUAGES

_each_host = pytest.mark.parametrize("host", [language.name for language in LANGUAGES])


@pytest.fixture
def counted(start, kv, host):
    """Store a session as a text, have it counted, and return the answer and what is stored."""
    function = start("session", host)

    def visit(text):
        session_id = f"test-{uuid.uuid4().hex}"
        kv.put(f"session/{session_id}", text)
        response = function.request("GET", headers={"X-Session-ID": session_id})
        assert response.status_code == 200
        return response.text, kv.get(f"session/{session_id}").decode("utf-8")

    return visit


def _refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


@_each_host
@pytest.mark.parametrize("views", ["1e300", "9007199254740994", "-9007199254740994"])
def test_count_beyond_what_every_language_can_hold_begins_anew(counted, views):
    answer, _ = counted(f'{{"created": 1, "views": {views}}}')
    assert json.loads(answer)["views"] == 1


@_each_host
def test_number_beyond_a_double_never_makes_an_answer_that_is_no_json(counted):
    for text in counted('{"a": 1e400, "b": -1e400, "views": 1}'):
        assert json.loads(text, parse_constant=_refuse)


@_each_host
def test_a_hundred_levels_and_brackets_beside_them_are_kept(counted):
    deepest = "[" * 99 + "]" * 99
    answer, _ = counted(f'{{"deep": {deepest}, "wide": [[], [], [{{}}]], "views": 1}}')
    assert json.loads(answer) == {
        "deep": json.loads(deepest),
        "wide": [[], [], [{}]],
        "views": 2,
    }


@_each_host
def test_brackets_in_a_text_are_no_levels(counted):
    text = "[{" * 200 + '"\\' + "]" * 10
    answer, _ = counted(json.dumps({"text": text, "views": 1}))
    assert json.loads(answer) == {"text": text, "views": 2}


@_each_host
def test_text_is_stored_with_the_fewest_escapes_in_every_language(counted):
    text = "<script>&amp;</script> \u2028\u2029 é \U0001f44b \\u2028 \x7f"
    _, stored = counted(json.dumps({"text": text, "views": 1}, ensure_ascii=False))
    session = json.loads(stored)["value"]
    assert json.dumps(text, ensure_ascii=False) in session
    assert json.dumps(session, ensure_ascii=False) in stored
