"""A clone cannot decide what kvgen runs, removes or follows."""

import json
import os
import shutil

import pytest

from kvgen.scaffold.lock import blob_id
from tests.strangers.conftest import files, git, run


def _listing(folder, path, text):
    """Add a file to a folder's lock, with the id that its text has."""
    lock = folder / "kvgen.lock"
    table = json.loads(lock.read_text())
    table["files"][path] = {"id": blob_id(text.encode()), "text": text}
    lock.write_text(json.dumps(table))


def _lose_rules(folder, *where):
    """Leave ignore rules in the index alone, with a content that is nowhere: git would fetch it."""
    (folder / ".gitignore").unlink()
    entry = f"100644,{'1' * 40},.gitignore"
    git(*where, "update-index", "--add", "--cacheinfo", entry, cwd=folder)
    git(*where, "update-index", "--skip-worktree", ".gitignore", cwd=folder)


def test_bare_repository_in_a_clone_runs_nothing(folder, tmp_path):
    """A promisor remote with a command of its own, in files that any clone can hold."""
    witness = tmp_path / "ran"
    git("init", "-q", "--bare", folder, cwd=tmp_path)
    (folder / "objects" / "x").write_text("")
    (folder / "refs" / "x").write_text("")
    git("config", "-f", "config", "core.bare", "false", cwd=folder)
    git("config", "-f", "config", "core.worktree", folder, cwd=folder)
    _lose_rules(folder, "--git-dir", ".")
    for name, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": ".",
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": f"touch {witness}; false",
        "protocol.ext.allow": "always",
    }.items():
        git("config", "-f", "config", name, value, cwd=folder)
    (folder / ".env").write_text("A=1\n")
    for command in (("check", "."), ("regenerate", "."), ("regenerate", "--check", ".")):
        run(*command, cwd=folder)
    assert not witness.exists()


@pytest.mark.parametrize("setting", ["core.fsmonitor", "core.sshCommand"])
def test_unpacked_settings_of_a_repository_run_nothing(folder, tmp_path, setting):
    witness = tmp_path / "ran"
    git("init", "-q", cwd=folder)
    _lose_rules(folder)
    for name, value in {
        setting: f"touch {witness}; false",
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": "ssh://a.example/b",
        "remote.origin.promisor": "true",
    }.items():
        git("config", name, value, cwd=folder)
    (folder / ".env").write_text("A=1\n")
    handler = folder / "handler.js"
    handler.write_text("// mine\n" + handler.read_text())
    run("check", ".", cwd=folder)
    assert run("regenerate", "--set", "ttl=5m", cwd=folder).returncode == 0
    assert not witness.exists()


@pytest.mark.parametrize("place", ["home", "around the temporary folder", "environment"])
def test_merge_reads_no_settings(folder, tmp_path, monkeypatch, place):
    """Of a file that is no settings git says so, and does nothing more."""
    around, home = tmp_path / "around", tmp_path / "home"
    for config in (around / ".git" / "config", home / ".gitconfig"):
        config.parent.mkdir(parents=True)
        config.write_text("no settings\n")
    if place == "home":
        monkeypatch.setenv("HOME", str(home))
    elif place == "environment":
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(home / ".gitconfig"))
        monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "no settings")
    else:
        git("init", "-q", "copy", cwd=tmp_path)
        shutil.copytree(tmp_path / "copy" / ".git", around / ".git", dirs_exist_ok=True)
        (around / ".git" / "config").write_text("no settings\n")
        monkeypatch.setattr("tempfile.tempdir", str(around))
    handler = folder / "handler.js"
    handler.write_text("// mine\n" + handler.read_text())
    done = run("regenerate", "--set", "header=X-Visit", cwd=folder)
    assert (done.returncode, "merge    handler.js" in done.stdout) == (0, True), done


_NEVER = [
    *(".git/HEAD", ".GIT/HEAD", "a/.git/HEAD", ".git ./HEAD", "git~1/HEAD"),
    *("../HEAD", "a/../HEAD", "./HEAD", "a//HEAD"),
    *("node_modules/x/index.js", ".venv/x.py", ".env", ".env.local"),
]


@pytest.mark.parametrize("path", _NEVER)
def test_lock_retires_nothing_that_no_template_makes(folder, path):
    text = "ref: refs/heads/main\n"
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    _listing(folder, path, text)
    done = run("regenerate", ".", cwd=folder)
    assert place.read_text() == text
    assert done.returncode == 1
    assert "is not a path at which a template may make a file" in done.stderr


def test_lock_retires_no_absolute_path(folder, tmp_path):
    (tmp_path / "precious").write_text("x\n")
    _listing(folder, str(tmp_path / "precious"), "x\n")
    assert run("regenerate", ".", cwd=folder).returncode == 1
    assert (tmp_path / "precious").read_text() == "x\n"


def test_file_that_kvgen_made_once_is_still_retired(folder):
    (folder / "old.js").write_text("old\n")
    _listing(folder, "old.js", "old\n")
    assert "retire" in run("regenerate", ".", cwd=folder).stdout
    assert not (folder / "old.js").exists()


@pytest.mark.parametrize(
    "name", [".git", "x/.git", ".git/x", ".Git", ".g\u200cit", "\ufeff.git", "x/.gi\u206ft/y"]
)
def test_new_never_goes_into_gits_own_folder(kvgen, tmp_path, name):
    result = kvgen("new", "session", name, "-l", "go", "--name", "f")
    assert result.exit_code == 1
    assert "belongs to git" in result.stderr
    assert files(tmp_path) == {}


@pytest.mark.parametrize("name", [".staged.kvgen-x", ".staged.kvgen-0123456789ab", ".page.kvgen-x"])
@pytest.mark.parametrize("inner", ["after", "out", "."])
def test_scratch_folder_of_the_repository_leads_nowhere(folder, tmp_path, name, inner):
    outside = tmp_path / "outside"
    shutil.copytree(folder, outside)
    before = files(outside)
    if inner == ".":
        (folder / name).symlink_to(outside)
    else:
        (folder / name).mkdir()
        (folder / name / inner).symlink_to(outside)
    assert run("regenerate", "--set", "ttl=5m", cwd=folder).returncode == 0
    assert files(outside) == before
    assert os.path.lexists(folder / name)


def test_scratch_folder_beside_a_new_one_leads_nowhere(kvgen, folder, tmp_path):
    (tmp_path / ".f.kvgen-x").symlink_to(folder)
    (tmp_path / ".f.kvgen-0123456789ab").symlink_to(folder)
    before = files(folder)
    assert kvgen("new", "session", "f", "-l", "go").exit_code == 0
    assert files(folder) == before


@pytest.mark.parametrize("name", ["notes", "0123456789ab"])
def test_folder_of_the_user_that_is_called_as_scratch_survives(kvgen, folder, tmp_path, name):
    own = [folder / f".staged.kvgen-{name}", tmp_path / f".shop.kvgen-{name}"]
    for place in own:
        (place / "after").mkdir(parents=True)
        (place / "notes.md").write_text("mine\n")
        shutil.copy(folder / "kvgen.lock", place / "after")
        shutil.copy(folder / "kvgen.lock", place)
    before = {place: files(place) for place in own}
    assert kvgen("regenerate", "s", "--set", "ttl=5m").exit_code == 0
    assert kvgen("new", "session", "shop", "-l", "go").exit_code == 0
    assert {place: files(place) for place in own} == before


def test_scratch_of_a_clone_is_not_believed(folder, tmp_path):
    """A mark holds the number of its own folder, which no copy has."""
    own = folder / ".staged.kvgen-0123456789ab"
    (own / "after").mkdir(parents=True)
    (own / f"made-by-kvgen-{(own / 'after').stat().st_ino}").write_text("")
    shutil.copy(folder / "kvgen.lock", own / "after")
    before = files(own)
    done = run("regenerate", "--set", "ttl=5m", cwd=folder)
    assert "interrupted run" not in done.stdout
    assert files(own) == before
