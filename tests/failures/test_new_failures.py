"""Bad input to `kvgen new` gets one message that says what and what to do; nothing is written."""

import shutil

import pytest


@pytest.mark.parametrize(
    "arguments",
    [
        "sesion x -l go",
        "session x -l pyton",
        "session x",
        "session -l go",
        "session x -l go --tll 5m",
        "session x -l go --name ..",
        "session x -l go --name a/b",
        "session x -l go --name a'b",
        "session x -l go --name a\nb",
        "session x -l go --name \N{WAVING HAND SIGN}",
        f"session x -l go --name {'x' * 65}",
        "session with_underscore -l go",
        "session x -l go --ttl 0",
        "session x -l go --ttl -1",
        "session x -l go --ttl 1y",
        "session x -l go --ttl abc",
        "session x -l go --header X:Y",
        "session x -l go --header Content-Type",
        "session x -l go --cookie a=b",
        "session x -l go --cookie sid --header X-Visit",
        "session x -l go --namespace-id 42",
        "session x -l go --expiry nativ",
        "session x y -l go",
        "",
        "cache x -l go --prefix a:b",
        "cache x -l go --prefix A",
        f"cache x -l go --prefix {'x' * 33}",
        "cache x -l go --origin ftp://a.example",
        "cache x -l go --origin https://user@a.example",
        "cache x -l go --origin https://a.example?x=1",
        "cache x -l go --origin https://a.example#x",
        "cache x -l go --origin https://",
        "cache x -l go --origin a.example",
        f"cache x -l go --origin https://a.example/{'x' * 2000}",
        "cache x -l go --header X-Other",
        "flag x -l go --flag a/b",
        "flag x -l go --flag ü",
        f"flag x -l go --flag {'x' * 65}",
        "flag x -l go --default maybe",
        "flag x -l go --refresh -1",
        "session x -l js --header __proto__",
        "session x -l py --header Server",
    ],
)
def test_bad_usage_is_refused_with_status_2(kvgen, tmp_path, snapshot, arguments):
    result = kvgen("new", *arguments.split(" ") if arguments else ())
    assert (result.exit_code, result.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []
    assert result.stderr == snapshot


def test_value_with_a_space_is_refused(kvgen, tmp_path, snapshot):
    result = kvgen("new", "session", "x", "-l", "go", "--header", "X Session")
    assert result.exit_code == 2
    assert result.stderr == snapshot
    assert list(tmp_path.iterdir()) == []


def _scrubbed(text, tmp_path):
    return text.replace(str(tmp_path), "<tmp>")


def test_target_that_is_not_empty_is_refused_untouched(kvgen, tmp_path, snapshot):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine").write_text("mine")
    result = kvgen("new", "session", "x", "-l", "go")
    assert result.exit_code == 1
    assert _scrubbed(result.stderr, tmp_path) == snapshot
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["mine"]


def test_target_that_holds_a_function_is_refused_with_the_ways_on(kvgen, tmp_path, snapshot):
    assert kvgen("new", "session", "x", "-l", "go").exit_code == 0
    result = kvgen("new", "flag", "x", "-l", "go")
    assert result.exit_code == 1
    assert _scrubbed(result.stderr, tmp_path) == snapshot
    result = kvgen("new", "flag", "x", "-l", "go", "--force")
    assert result.exit_code == 1
    assert _scrubbed(result.stderr, tmp_path) == snapshot


def test_target_that_is_a_file_is_refused_untouched(kvgen, tmp_path, snapshot):
    (tmp_path / "x").write_text("mine")
    result = kvgen("new", "session", "x", "-l", "go")
    assert result.exit_code == 1
    assert _scrubbed(result.stderr, tmp_path) == snapshot
    assert (tmp_path / "x").read_text() == "mine"


def test_target_below_a_file_is_refused(kvgen, tmp_path, snapshot):
    (tmp_path / "file").write_text("mine")
    result = kvgen("new", "session", "file/x", "-l", "go")
    assert result.exit_code == 1
    assert _scrubbed(result.stderr, tmp_path) == snapshot


def test_target_that_cannot_be_written_is_refused(kvgen, snapshot):
    # /proc takes no folders from anybody, root included, which a mode would not hold back.
    result = kvgen("new", "session", "/proc/kvgen-x", "-l", "go")
    assert result.exit_code == 1
    assert "/proc" in result.stderr
    assert "Traceback" not in result.stderr


def test_force_replaces_neither_foreign_nor_edited_files(kvgen, tmp_path, snapshot):
    assert kvgen("new", "session", "x", "-l", "go").exit_code == 0
    (tmp_path / "x" / "handler.go").write_text("mine")
    (tmp_path / "x" / "kvgen.lock").unlink()
    before = {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()}
    result = kvgen("new", "session", "x", "-l", "go", "--force")
    assert result.exit_code == 1
    assert _scrubbed(result.stderr, tmp_path) == snapshot
    assert {path.name: path.read_bytes() for path in (tmp_path / "x").iterdir()} == before


def test_force_stays_out_of_what_a_symbolic_link_leads_to(kvgen, tmp_path):
    assert kvgen("new", "session", "x", "-l", "python").exit_code == 0
    shutil.rmtree(tmp_path / "x" / "function")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "x" / "function").symlink_to(tmp_path / "elsewhere")
    result = kvgen("new", "session", "x", "-l", "python", "--force")
    assert result.exit_code == 1
    assert "symbolic link" in result.stderr
    assert list((tmp_path / "elsewhere").iterdir()) == []
