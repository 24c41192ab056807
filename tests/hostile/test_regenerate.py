"""`kvgen.toml` and `--set` as the carrier: an answer from there is no more trusted than any."""

import itertools
import re
import shutil

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from kvgen.scaffold.answers import shown
from kvgen.scaffold.catalog import load_pattern
from tests.hostile.amount import examples
from tests.hostile.folders import check_folder
from tests.hostile.questions import Question, questions
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
    project = {"pattern": question.pattern, "language": _LANGUAGE, "name": question.name}
    text = tomlkit.dumps({**project, "options": dict(question.options)})
    (folder / "kvgen.toml").write_bytes(text.encode())
    before = _contents(folder)
    result = kvgen("regenerate", str(folder))
    said = {**question.options, "name": question.name}
    where = f"Error: {folder}/kvgen.toml: "
    blamed = [f"{where}{name} {shown(text)}: " for name, text in said.items()]
    if not _is_refused(result, folder, before, blamed):
        assert (folder / "kvgen.toml").read_bytes() == text.encode()
        (folder / "kvgen.toml").write_text(tomlkit.dumps({**project, "options": _all(question)}))
        check_folder(folder, _LANGUAGE, question, None)
    shutil.rmtree(folder)


def _all(question: Question) -> dict[str, str]:
    """Return every option as `kvgen new` writes it down, said or not."""
    options = load_pattern(question.pattern).options
    texts = {o.name: question.options.get(o.name, o.default) for o in options}
    for option in options:
        text = texts[option.name]
        kinds = {"origin": text.rstrip("/"), "namespace-id": text.lower()}
        texts[option.name] = kinds.get(option.kind, text)
    return texts


@examples(30)
@given(question=questions() | questions(hostile_options=True))
def test_set_with_any_answers_is_refused_or_taken_literally(kvgen, made, question):
    folder = made(question.pattern)
    before = _contents(folder)
    changes = [f"--set={name}={text}" for name, text in question.options.items()]
    result = kvgen("regenerate", *changes, str(folder))
    blamed = [f"{name} {shown(text)}: " for name, text in question.options.items()]
    said = [
        f"Error: {where}{text}" for text in blamed for where in (f"{folder}/kvgen.toml: ", "--set ")
    ]
    if not _is_refused(result, folder, before, said):
        text = (folder / "kvgen.toml").read_text("utf-8")
        for name, answer in question.options.items():
            assert tomlkit.parse(text)["options"][name] == answer
        project = {"pattern": question.pattern, "language": _LANGUAGE, "name": "a"}
        (folder / "kvgen.toml").write_text(tomlkit.dumps({**project, "options": _all(question)}))
        taken = Question(question.pattern, "a", question.options)
        check_folder(folder, _LANGUAGE, taken, None)
    shutil.rmtree(folder)


@examples(40)
@given(assignment=hostile)
@example("=")
@example("ttl")
@example("options.ttl=1h")
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
    ["pattern", "language", "name", "options", "ttl", "header", "expiry", "namespace-id"]
) | st.text("abc-_. ", max_size=5)


@examples(40)
@given(table=st.dictionaries(_KEYS, _values | st.dictionaries(_KEYS, _values), max_size=6))
@example({"pattern": "../session", "language": "python", "name": "a"})
@example({"pattern": "session", "language": "../../_shared/python", "name": "a"})
@example({"pattern": "_shared", "language": "python", "name": "a"})
@example({"pattern": "session", "language": "python", "name": "a", "options": {"ttl": 300}})
@example({"pattern": "session", "language": "python", "name": "a", "options": [{"ttl": "5m"}]})
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
        assert name == "kvgen.toml" or not changed
        assert not re.search("Traceback", result.output)
    shutil.rmtree(folder)
