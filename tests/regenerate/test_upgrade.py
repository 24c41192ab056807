"""A newer kvgen comes along: a copy of the package with another version and other templates."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kvgen as package
from kvgen.scaffold.roots import OWN_ROOT
from tests.regenerate.conftest import contents, times

_TEMPLATES = ("session/go/handler.go*", "_shared/go/entry.go*")
_VERSION = f'__version__ = "{package.__version__}"'


@pytest.fixture
def newer(tmp_path):
    """Return a function that runs a newer kvgen, whose `entry.go` and handler say more."""
    place = tmp_path / "newer"
    shutil.copytree(Path(package.__file__).parent, place / "kvgen")
    shutil.copytree(OWN_ROOT, place / "kvgen" / "templates")
    init = place / "kvgen" / "__init__.py"
    init.write_text(init.read_text().replace(_VERSION, '__version__ = "99.0.0"'))
    for template in _TEMPLATES:
        (file,) = (place / "kvgen" / "templates").glob(template)
        file.write_text(file.read_text() + "// newer\n")

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-P", "-m", "kvgen", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(place)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_edit_from_before_the_first_commit_survives_an_upgrade(kvgen, newer, folder):
    handler = folder / "handler.go"
    handler.write_text("// My own introduction.\n" + handler.read_text())
    done = newer("regenerate", "function")
    assert done.returncode == 0, done.stderr
    assert handler.read_text().startswith("// My own introduction.\n")
    assert handler.read_text().endswith("// newer\n")
    assert (folder / "entry.go").read_text().endswith("// newer\n")
    assert '"version": "99.0.0"' in (folder / "kvgen.lock").read_text()
    assert "merge    function/handler.go\n" in done.stdout
    assert "1 file merged with your edits" in done.stdout


def test_older_kvgen_refuses_what_a_newer_one_wrote(kvgen, newer, folder):
    assert newer("regenerate", "function").returncode == 0
    before = times(folder)
    result = kvgen("regenerate", "function")
    assert result.exit_code == 1
    assert "kvgen 99.0.0 wrote this folder" in result.stderr
    assert times(folder) == before


def test_newer_kvgen_that_makes_the_same_leaves_the_lock_alone(newer, folder, kvgen, tmp_path):
    for template in _TEMPLATES:
        (file,) = OWN_ROOT.glob(template)
        shutil.copy(file, tmp_path / "newer/kvgen/templates" / file.relative_to(OWN_ROOT))
    before = times(folder)
    assert newer("regenerate", "function").stdout == "1 folder, 0 changed\n"
    assert times(folder) == before


def test_file_that_was_deleted_and_comes_back_from_version_control_is_brought_up_to_date(
    kvgen, newer, folder
):
    old = (folder / "entry.go").read_bytes()
    (folder / "entry.go").unlink()
    assert newer("regenerate", "function").returncode == 0
    assert not (folder / "entry.go").exists()
    (folder / "entry.go").write_bytes(old)
    assert "update   function/entry.go\n" in newer("regenerate", "function").stdout
    assert (folder / "entry.go").read_bytes() == old + b"// newer\n"


def test_file_that_is_made_no_longer_is_removed_or_kept_with_a_word(kvgen, newer, folder, tmp_path):
    templates = tmp_path / "newer/kvgen/templates"
    for template in templates.glob("_shared/*/.gitignore*"):
        template.unlink()
    manifest = templates / "session/pattern.toml"
    manifest.write_text(re.sub(r'"session\.go(\.j2)?",?', "", manifest.read_text()))
    (folder / "session.go").write_text("// mine\n")
    done = newer("regenerate", "function")
    assert "retire   function/.gitignore\n" in done.stdout
    assert "keep     function/session.go  (kvgen no longer makes it" in done.stdout
    assert not (folder / ".gitignore").exists()
    assert (folder / "session.go").read_text() == "// mine\n"
    before = contents(folder)
    assert newer("regenerate", "function").stdout == "1 folder, 0 changed\n"
    assert contents(folder) == before
