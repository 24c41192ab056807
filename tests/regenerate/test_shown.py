"""The diff, the rows and the JSON of a run show exactly what the run does."""

import json
import shutil
import subprocess

import pytest

from kvgen.scaffold.lock import blob_id
from tests.regenerate.conftest import contents


@pytest.fixture
def worked_on(folder):
    """A folder with an edit of each kind, so that each kind of row is in the plan."""
    text = (folder / "func.toml").read_text() + 'mine = "x"\n'
    (folder / "func.toml").write_bytes(text.rstrip().replace("\n", "\r\n").encode())
    (folder / "handler.go").write_text((folder / "handler.go").read_text() + "// \u2028 \f mine\n")
    (folder / ".env.example").unlink()
    return folder


_UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
_ARGUMENTS = ("regenerate", "function", "--set", "ttl=5m", "--set", f"namespace-id={_UUID}")


def test_diff_of_a_dry_run_makes_what_the_run_makes(kvgen, worked_on, tmp_path):
    before = contents(worked_on)
    diff = kvgen(*_ARGUMENTS, "--dry-run").stdout_bytes
    assert contents(worked_on) == before
    shutil.copytree(worked_on, tmp_path / "copy")
    patch = diff[: diff.index(b"\nupdate   ") + 1]
    git = ["git", "apply", "--whitespace=nowarn"]
    subprocess.run(git, cwd=tmp_path / "copy", input=patch, check=True)
    assert kvgen(*_ARGUMENTS).exit_code == 0
    assert contents(worked_on) == contents(tmp_path / "copy") != before


def test_rows_and_diff_are_the_same_before_and_with_the_run(kvgen, worked_on):
    dry = kvgen(*_ARGUMENTS, "--dry-run", "--verbose").stdout
    done = kvgen(*_ARGUMENTS, "--diff", "--verbose").stdout
    assert dry.replace("would change", "changed") == done


def test_json_of_a_dry_run_names_what_lies_there_afterwards(kvgen, worked_on):
    (plan,) = json.loads(kvgen(*_ARGUMENTS, "--dry-run", "--json").stdout)
    assert json.loads(kvgen(*_ARGUMENTS, "--json").stdout) == [plan]
    ids = {row["path"]: row["id"] for row in plan["files"] if row["id"]}
    assert ids == {path: blob_id(content) for path, content in contents(worked_on).items()}
    actions = {row["path"]: row["action"] for row in plan["files"]}
    assert {actions[name] for name in ("func.toml", "handler.go")} == {"merge"}
    assert actions[".env.example"] == "gone"
    assert next(iter(actions)) == "kvgen.toml"
    assert list(actions)[-1] == "kvgen.lock"


def test_verbose_has_a_row_for_every_file(kvgen, folder):
    rows = kvgen("regenerate", "--verbose").stdout.splitlines()[:-1]
    assert {row.split()[1] for row in rows} == {f"function/{name}" for name in contents(folder)}
    assert {row.split()[0] for row in rows} == {"same"}
