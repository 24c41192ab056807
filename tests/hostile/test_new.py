"""`kvgen new`, for every answer: refused with nothing written, or the folder says just that."""

import itertools
import shutil

import pytest
from hypothesis import given

from kvgen.scaffold.answers import shown
from kvgen.scaffold.model import LANGUAGES
from tests.hostile.amount import examples
from tests.hostile.folders import check_folder
from tests.hostile.questions import questions

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
def test_legal_answers_come_out_as_they_were_given(ask, reader, language, question):
    result, place = ask(question)
    assert result.exit_code == 0, result.output
    check_folder(place / "folder", language, question, reader)
    shutil.rmtree(place)


@_each_language
@examples(150)
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
