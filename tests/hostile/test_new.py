"""`kvgen new`, for every answer: refused with nothing written, or the folder says just that."""

import itertools
import shutil
import tomllib

import pytest
from hypothesis import example, given

from kvgen.errors import InvalidAnswerError
from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.function import new_function
from kvgen.scaffold.render import render
from kvgen.scaffold.words import shown
from tests.hostile.amount import examples
from tests.hostile.folders import check_folder, written
from tests.hostile.questions import WITH_EVERY_SIGN, options_of, questions
from tests.hostile.texts import FRAGMENTS

_ENDS = (": ", " and --cookie ")  # of which only one of the two can be given
_BOUND = ("typescript", "--kv=binding")
_each_language = pytest.mark.parametrize("language", [*(la.name for la in LANGUAGES), "bound"])


@pytest.fixture
def ask(kvgen, tmp_path, request, language):
    """Ask `kvgen new` a question in a new place; returns the result and the place."""
    chosen, *more = _BOUND if language == "bound" else (language,)
    numbers = itertools.count()

    def run(question):
        place = tmp_path / str(next(numbers))
        place.mkdir()
        options = [f"--{name}={text}" for name, text in question.options.items()]
        command = ("new", question.pattern, "-l", chosen, *more, f"--name={question.name}")
        return kvgen(*command, *options, "--", str(place / "folder")), place

    return run


@pytest.fixture
def reader(request, language):
    names = dict.fromkeys(("javascript", "typescript", "bound"), "javascript") | {"go": "golang"}
    return request.getfixturevalue(names[language]) if language in names else None


def _check(folder, language, question, reader):
    if language == "bound":
        check_folder(folder, "typescript", question, reader, "binding")
    else:
        check_folder(folder, language, question, reader)


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
@examples(50)
@given(question=questions())
@example(question=WITH_EVERY_SIGN[0])
@example(question=WITH_EVERY_SIGN[1])
@example(question=WITH_EVERY_SIGN[2])
@example(question=WITH_EVERY_SIGN[3])
@example(question=WITH_EVERY_SIGN[4])
def test_legal_answers_come_out_as_they_were_given(ask, reader, language, question):
    result, place = ask(question)
    assert result.exit_code == 0, result.output
    _check(place / "folder", language, question, reader)
    shutil.rmtree(place)


@examples(40)
@given(question=questions() | questions(hostile_options=True))
def test_answers_to_add_are_refused_or_taken_literally(kvgen, tmp_path, question):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "index.js").write_text("// mine\n")
    options = [f"--{name}={text}" for name, text in question.options.items()]
    result = kvgen("add", question.pattern, *options, "--", str(folder))
    if is_refused(result):
        assert [path.name for path in folder.iterdir()] == ["index.js"]
        assert "\nHint: " in result.stderr
    else:
        project = tomllib.loads((folder / "kvgen.toml").read_text("utf-8"))
        said = {**project, **project["patterns"][question.pattern]}
        for option in options_of(question.pattern):
            assert said.get(option.name, "") == written(option, question)
        assert (folder / "index.js").read_text() == "// mine\n"
    shutil.rmtree(folder)


@pytest.mark.parametrize("pattern_name", pattern_names())
def test_whatever_is_put_into_an_answer_is_refused_or_can_be_written(pattern_name):
    pattern = load_pattern(pattern_name)
    options = options_of(pattern_name)
    good = {option.name: option.choices[-1] if option.choices else "" for option in options}
    good |= {"ttl": "5m", "header": "X-Id", "origin": "http://a.example/b", "prefix": "a"}
    good |= {"flag": "a", "refresh": "0", "name": "a", "tolerance": "5m", "dedupe": "1d"}
    for option, odd in itertools.product(["name", *(o.name for o in options)], FRAGMENTS):
        for text in (odd + good[option], good[option] + odd, good[option][:1] + odd + "b"):
            answers = {o.name: good[o.name] for o in options} | {option: text}
            name = answers.pop("name", "a")
            if option == "cookie":
                del answers["header"]
            for language in LANGUAGES:
                try:
                    checked = new_function(pattern, language.name, name, answers)
                except InvalidAnswerError:
                    break
                assert render(checked)


@_each_language
@examples(80)
@given(question=questions(hostile_options=True))
def test_hostile_answers_are_refused_or_taken_literally(ask, reader, language, question):
    result, place = ask(question)
    if is_refused(result):
        assert list(place.iterdir()) == []
        assert result.exit_code == 2
        blamed = {**question.options, "name": question.name}
        said = [
            f"Error: --{name} {shown(text)}{end}" for name, text in blamed.items() for end in _ENDS
        ]
        assert result.stderr.startswith(tuple(said))
        assert "\nHint: " in result.stderr
    else:
        _check(place / "folder", language, question, reader)
    shutil.rmtree(place)
