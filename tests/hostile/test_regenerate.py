"""Hostile answers from `kvgen.toml` and `--set`: they are not trusted either."""

import itertools
import re
import shutil
from collections.abc import Mapping

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from kvgen.scaffold.common import COMMON_OPTIONS
from kvgen.scaffold.words import shown
from tests.hostile.amount import examples
from tests.hostile.folders import check_folder, written
from tests.hostile.questions import Question, options_of, questions
from tests.hostile.texts import has_half_pair, hostile

_LANGUAGE = "python"  # what an answer becomes in each language is for the tests of `kvgen new`


@pytest.fixture
def made(kvgen, tmp_path):
    """Make a new folder of a pattern each time, with default answers."""
    numbers = itertools.count()
    originals = {}

    def make(pattern):
        if pattern not in originals:
            originals[pattern] = tmp_path / f"original-{pattern}"
            arguments = ("new", pattern, str(originals[pattern]), "-l", _LANGUAGE, "--name=a")
            assert kvgen(*arguments).exit_code == 0
        return shutil.copytree(originals[pattern], tmp_path / str(next(numbers)))

    return make


def _contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _is_refused(result, folder, before, blamed):
    """Whether it was refused, with one of these beginnings of a message and nothing written."""
    if result.exit_code == 0:
        return False
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (1, 2)
    assert result.stderr.startswith(tuple(blamed)), result.stderr
    assert "Traceback" not in result.output
    assert _contents(folder) == before
    return True


@examples(30)
@given(question=questions() | questions(hostile_options=True))
def test_project_file_with_any_answers_is_refused_or_taken_literally(kvgen, made, question):
    texts = (question.name, *question.options.values())
    if any(map(has_half_pair, texts)):
        return  # no file can hold these
    folder = made(question.pattern)
    text = _project(question, question.options)
    (folder / "kvgen.toml").write_bytes(text.encode())
    before = _contents(folder)
    result = kvgen("regenerate", str(folder))
    where = f"Error: {folder}/kvgen.toml: "
    blamed = [f"{where}name {shown(question.name)}: "]
    for name, answer in question.options.items():
        place = "" if name in _COMMON else f"patterns.{question.pattern}."
        both = f" and {place}cookie "
        blamed += [f"{where}{place}{name} {shown(answer)}{end}" for end in (": ", both)]
    if not _is_refused(result, folder, before, blamed):
        assert (folder / "kvgen.toml").read_bytes() == text.encode()
        (folder / "kvgen.toml").write_text(_project(question, _all(question)))
        check_folder(folder, _LANGUAGE, question, None)
    shutil.rmtree(folder)


_COMMON = [option.name for option in COMMON_OPTIONS]


def _project(question: Question, texts: Mapping[str, str]) -> str:
    """Write a kvgen.toml with these options, each at its place."""
    own = {name: text for name, text in texts.items() if name not in _COMMON}
    common = {name: text for name, text in texts.items() if name in _COMMON}
    head = {"language": _LANGUAGE, "name": question.name, "handler": question.pattern}
    return tomlkit.dumps({**head, **common, "patterns": {question.pattern: own}})


def _all(question: Question) -> dict[str, str]:
    """Return every option as `kvgen new` writes it down, said or not."""
    texts = {option.name: written(option, question) for option in options_of(question.pattern)}
    return {name: text for name, text in texts.items() if text or name == "namespace-id"}


@examples(30)
@given(question=questions() | questions(hostile_options=True))
def test_set_with_any_answers_is_refused_or_taken_literally(kvgen, made, question):
    folder = made(question.pattern)
    before = _contents(folder)
    changes = [f"--set={name}={text}" for name, text in question.options.items()]
    result = kvgen("regenerate", *changes, str(folder))
    blamed = [f"Error: --set {name} {shown(text)}: " for name, text in question.options.items()]
    blamed += [f"Error: {folder}/kvgen.toml: ", "Error: --set header and --set cookie: only one"]
    blamed += ["Error: --set cookie and --set header: only one"]
    if not _is_refused(result, folder, before, blamed):
        project = tomlkit.parse((folder / "kvgen.toml").read_text("utf-8")).unwrap()
        said = {**project, **project["patterns"][question.pattern]}
        for name, answer in question.options.items():
            assert said.get(name, "") == answer
        taken = Question(question.pattern, "a", question.options)
        (folder / "kvgen.toml").write_text(_project(taken, _all(taken)))
        check_folder(folder, _LANGUAGE, taken, None)
    shutil.rmtree(folder)


@examples(40)
@given(assignment=hostile)
@example("=")
@example("ttl")
@example("patterns.session.ttl=1h")
@example("session.=1h")
@example("handler=session")
@example('"ttl"=1h')
@example("ttl.x=1h")
def test_set_of_anything_is_refused_or_one_of_the_options(kvgen, made, assignment):
    folder = made("session")
    before = _contents(folder)
    result = kvgen("regenerate", f"--set={assignment}", str(folder))
    blamed = ("Error: --set ", "Error: unknown option ", f"Error: {folder}/kvgen.toml: ")
    assert _is_refused(result, folder, before, blamed)
    shutil.rmtree(folder)


_scalars = st.one_of(
    hostile.filter(lambda text: not has_half_pair(text)),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.", max_size=3), inner),
    max_leaves=5,
)
_KEYS = st.sampled_from(
    ["language", "name", "handler", "patterns", "session", "ttl", "expiry", "namespace-id"]
) | st.text("abc-_. ", max_size=5)


_GOOD = {"language": "python", "name": "a"}


@examples(40)
@given(table=st.dictionaries(_KEYS, _values | st.dictionaries(_KEYS, _values), max_size=6))
@example({**_GOOD, "patterns": {"../session": {}}})
@example({**_GOOD, "patterns": {"_shared": {}}})
@example({**_GOOD, "language": "../../_shared/python"})
@example({**_GOOD, "handler": "../session"})
@example({**_GOOD, "handler": ""})
@example({**_GOOD, "handler": "session"})
@example({**_GOOD, "patterns": {"session": {"ttl": 300}}})
@example({**_GOOD, "patterns": {"session": [{"ttl": "5m"}]}})
@example({**_GOOD, "patterns": ["session"]})
@example({"pattern": "session", "language": "python", "name": "a", "options": {}})
def test_project_file_of_any_shape_is_refused(kvgen, made, table):
    folder = made("session")
    (folder / "kvgen.toml").write_bytes(tomlkit.dumps(table).encode())
    before = _contents(folder)
    result = kvgen("regenerate", str(folder))
    assert _is_refused(result, folder, before, ["Error: "])
    shutil.rmtree(folder)


@examples(40)
@given(name=st.sampled_from(["kvgen.toml", "kvgen.lock"]), content=st.data())
def test_damaged_file_of_kvgens_own_is_refused_or_harmless(kvgen, made, name, content):
    folder = made("session")
    good = (folder / name).read_bytes()
    start = content.draw(st.integers(0, len(good)))
    end = content.draw(st.integers(start, min(len(good), start + 40)))
    junk = content.draw(hostile.map(lambda text: text.encode("utf-8", "surrogatepass")))
    (folder / name).write_bytes(good[:start] + junk + good[end:])
    before = _contents(folder)
    result = kvgen("regenerate", str(folder))
    if not _is_refused(result, folder, before, ["Error: "]):
        after = _contents(folder)
        assert after.keys() == before.keys()
        changed = {path.name for path in before if before[path] != after[path]}
        # A lock with other white space is written as it was.
        mended = {name} if (folder / name).read_bytes() == good else set()
        assert name == "kvgen.toml" or changed <= mended
        assert not re.search("Traceback", result.output)
    shutil.rmtree(folder)
