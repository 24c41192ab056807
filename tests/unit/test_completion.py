"""What a shell is offered, as click's protocol has it; tests/dev/ asks a real bash."""

import pytest

from kvgen.kv.location import database_for
from kvgen.kv.store import Store
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.catalog import pattern_names

_SIDES = ["handler.go=mine", "handler.go=theirs", "handler.go=marks"]


@pytest.fixture
def offered(kvgen, tmp_path, monkeypatch):
    """Return what is offered for a command line, standing in a function with keys in its KV."""
    folder = tmp_path / "function"
    assert kvgen("new", "session", folder.name, "-l", "go").exit_code == 0
    assert kvgen("add", "flag", folder.name).exit_code == 0
    store = Store(database_for(folder))
    namespace = store.ensure_namespace("dev")
    for key in ("session/a", "session/b", "flag/new-ui"):
        store.put(namespace, key, b"x")
    store.close()
    monkeypatch.chdir(folder)

    def ask(line):
        *before, last = line.split(" ")
        environment = {
            "_KVGEN_COMPLETE": "fish_complete",
            "COMP_WORDS": " ".join(before),
            "COMP_CWORD": last,
        }
        result = kvgen(env=environment)
        assert (result.exit_code, result.stderr) == (0, ""), result
        lines = (line.partition("\t")[0] for line in result.stdout.splitlines() if line)
        return [line.partition(",")[2] for line in lines]

    return ask


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("kvgen re", ["remove", "regenerate"]),
        ("kvgen kv e", ["export"]),
        ("kvgen completion ", ["bash", "zsh", "fish"]),
        *((f"kvgen {command} ", pattern_names()) for command in ("new", "add", "show", "remove")),
        ("kvgen list f", ["flag"]),
        *((f"kvgen {it} session -l ", [*BY_NAME]) for it in ("new", "add", "show")),
        ("kvgen new flag --def", ["--default"]),
        ("kvgen new flag --default ", ["off", "on"]),
        ("kvgen new flag --expiry e", ["envelope"]),
        ("kvgen new flag --expiry=n", ["native"]),
        ("kvgen docs --flavor g", ["gfm"]),
        ("kvgen show session -l go h", ["handler.go", "handler_test.go"]),
        ("kvgen show flag -l py function/f", ["function/flag.py", "function/func.py"]),
        ("kvgen show flag --set d", ["default="]),
        ("kvgen show flag -l go --set default=", ["default=off", "default=on"]),
        ("kvgen regenerate --set tt", ["ttl="]),
        (
            "kvgen regenerate . --set session.",
            [f"session.{o}=" for o in ("ttl", "header", "cookie")],
        ),
        ("kvgen regenerate --set flag.default=o", ["flag.default=off", "flag.default=on"]),
        ("kvgen regenerate --resolve handler.", ["handler.go="]),
        ("kvgen regenerate --resolve handler.go=", _SIDES),
        ("kvgen kv get ", ["flag/new-ui", "session/a", "session/b"]),
        ("kvgen kv put s", ["session/a", "session/b"]),
        ("kvgen kv list f", ["flag/new-ui"]),
        ("kvgen kv delete session/a session/b f", ["flag/new-ui"]),
        ("kvgen kv get --data", ["--data"]),
    ],
)
def test_words_that_fit_are_offered(offered, line, words):
    assert offered(line) == words


@pytest.mark.parametrize(
    "line",
    [
        "kvgen new nothing --",
        "kvgen kv get --remote ",
        "kvgen kv get --data nowhere.db ",
        "kvgen show nothing -l go ",
        "kvgen show session -l rust ",
        "kvgen show --set ",
        "kvgen regenerate nowhere --set ",
        "kvgen regenerate nowhere --resolve ",
    ],
)
def test_line_that_leads_nowhere_is_offered_nothing_and_no_complaint(offered, line):
    assert set(offered(line)) <= {"--help", "--templates"}


def test_option_that_two_patterns_have_is_offered_with_its_pattern(offered, kvgen):
    assert kvgen("add", "cache").exit_code == 0
    settings = offered("kvgen regenerate --set ")
    assert {"cache.ttl=", "session.ttl=", "header="} <= {*settings}
    assert "ttl=" not in settings


def test_keys_are_offered_nowhere_but_in_a_function(offered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert offered("kvgen kv get ") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_and_says_where_it_belongs(kvgen, shell):
    result = kvgen("completion", shell)
    assert result.exit_code == 0
    assert f"_KVGEN_COMPLETE={shell}_complete" in result.stdout
    assert "kvgen" in result.stderr.removeprefix("Write it to ~/")
