"""`kvgen new`, for every answer: refused with nothing written, or the folder says just that."""

import itertools
import shutil

import pytest
from hypothesis import example, given

from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.answers import check_answers, shown
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.model import LANGUAGES
from kvgen.scaffold.render import render
from tests.hostile.amount import examples
from tests.hostile.folders import check_folder
from tests.hostile.questions import WITH_EVERY_SIGN, questions
from tests.hostile.texts import FRAGMENTS

_each_language = pytest.mark.parametrize("language", [language.name for language in LANGUAGES])


@pytest.fixture
def ask(kvgen, tmp_path, request, language):
    """Ask `kvgen new` a question in a new place; returns the result and the place."""
    numbers = itertools.count()

    def run(question):
        place = tmp_path / str(next(numbers))
        place.mkdir()
        options = [f"--{name}={text}" for name, text in question.options.items()]
        command = ("new", question.pattern, "-l", language, f"--name={question.name}", *options)
        return kvgen(*command, "--", str(place / "folder")), place

    return run


@pytest.fixture
def reader(request, language):
    names = {"javascript": "javascript", "go": "golang"}
    return request.getfixturevalue(names[language]) if language in names else None


def is_refused(result):
    """Whether a command failed as it should: a message, a true status, and no traceback."""
    if result.exit_code == 0:
        return False
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: "), result.stderr
    assert "Traceback" not in result.stderr
    return True


@_each_language
@examples(100)
@given(question=questions())
@example(question=WITH_EVERY_SIGN[0])
@example(question=WITH_EVERY_SIGN[1])
@example(question=WITH_EVERY_SIGN[2])
def test_legal_answers_come_out_as_they_were_given(ask, reader, language, question):
    result, place = ask(question)
    assert result.exit_code == 0, result.output
    check_folder(place / "folder", language, question, reader)
    shutil.rmtree(place)


@pytest.mark.parametrize("pattern_name", pattern_names())
def test_whatever_is_put_into_an_answer_is_refused_or_can_be_written(pattern_name):
    pattern = load_pattern(pattern_name)
    good = {option.name: option.choices[-1] if option.choices else "" for option in pattern.options}
    good |= {"ttl": "5m", "header": "X-Id", "origin": "http://a.example/b", "prefix": "a"}
    good |= {"flag": "a", "refresh": "0", "name": "a"}
    for option, odd in itertools.product(["name", *(o.name for o in pattern.options)], FRAGMENTS):
        for text in (odd + good[option], good[option] + odd, good[option][:1] + odd + "b"):
            answers = {o.name: good[o.name] for o in pattern.options} | {option: text}
            name = answers.pop("name", "a")
            for language in LANGUAGES:
                try:
                    checked = check_answers(pattern, language.name, name, answers)
                except InvalidAnswerError:
                    break
                assert render(pattern, checked)


@_each_language
@examples(80)
@given(question=questions(hostile_options=True))
def test_hostile_answers_are_refused_or_taken_literally(ask, reader, language, question):
    result, place = ask(question)
    if is_refused(result):
        assert list(place.iterdir()) == []
        assert result.exit_code == 2
        blamed = {**question.options, "name": question.name}
        said = [f"Error: --{name} {shown(text)}: " for name, text in blamed.items()]
        assert result.stderr.startswith(tuple(said))
        assert "\nHint: " in result.stderr
    else:
        check_folder(place / "folder", language, question, reader)
    shutil.rmtree(place)
