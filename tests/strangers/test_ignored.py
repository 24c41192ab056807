"""kvgen finds what git ignores without git, with the same result as git."""

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from kvgen.files.globs import parse_rule
from kvgen.files.repository import Repository
from tests.strangers.conftest import git, run

_PIECES = [
    "a",
    "b",
    ".env",
    "*",
    "?",
    "**",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "\\*",
    "x*y",
    "[[:alpha:]]",
]
_NAMES = ["a", "b", "c", ".env", "x1y", "ab", "A"]


def random_rules(chance: random.Random) -> list[str]:
    """Make lines as a .gitignore has them, likely and unlikely ones."""
    lines = []
    for _ in range(chance.randrange(1, 5)):
        segments = [
            "".join(chance.choices(_PIECES, k=chance.randrange(1, 3)))
            for _ in range(chance.randrange(1, 4))
        ]
        ends = (
            chance.choice(["", "", "!"]),
            chance.choice(["", "", "/"]),
            chance.choice(["", "", "/", " "]),
        )
        lines.append(f"{ends[0]}{ends[1]}{'/'.join(segments)}{ends[2]}")
    return lines


def differences(folder: Path, seed: int) -> list[str]:
    """Make a work tree with rules at random; returns the files about which git and kvgen differ."""
    chance = random.Random(seed)  # noqa: S311 - a test's
    folder.mkdir()
    git("init", "-q", cwd=folder)
    for _ in range(12):
        place = folder.joinpath(*chance.choices(_NAMES, k=chance.randrange(1, 5)))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("")
        except OSError:
            continue
    within = [
        folder,
        *(path for path in folder.rglob("*") if path.is_dir() and ".git" not in path.parts),
    ]
    for place in chance.sample(within, min(3, len(within))):
        (place / ".gitignore").write_text("\n".join(random_rules(chance)) + "\n")
    (folder / ".git" / "info" / "exclude").write_text("\n".join(random_rules(chance)))
    paths = [
        str(p.relative_to(folder))
        for p in folder.rglob("*")
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    ]
    if paths and chance.random() < 0.3:
        git("add", "--force", chance.choice(paths).join(["./", ""]), cwd=folder)
    asked = subprocess.run(
        ["git", "check-ignore", "-z", "--stdin"],
        cwd=folder,
        input="\0".join(paths).encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
    )
    said = set(filter(None, asked.stdout.decode().split("\0")))
    repository = Repository(folder)
    return [path for path in paths if (path in said) != repository.ignores(path)]


def test_rules_mean_what_they_mean_to_git(tmp_path):
    for seed in range(40):
        assert differences(tmp_path / str(seed), seed) == [], seed


@pytest.mark.parametrize("version", [2, 3, 4])
def test_file_that_is_tracked_is_not_ignored_whatever_the_index(folder, version):
    git("init", "-q", cwd=folder)
    (folder / ".env").write_text("A=1\n")
    git("add", ".", cwd=folder)
    assert Repository(folder).ignores(".env")
    git("add", "--force", ".env", cwd=folder)
    if version == 3:
        git("add", "--intent-to-add", "--force", "kvgen.lock", cwd=folder)
        (folder / "later").write_text("")
        git("add", "--intent-to-add", "later", cwd=folder)
    git("update-index", "--index-version", version, cwd=folder)
    assert not Repository(folder).ignores(".env")
    assert "is not ignored" in run("check", ".", cwd=folder).stdout


@pytest.mark.parametrize("kind", ["worktree", "submodule"])
def test_env_is_ignored_in_a_hook_of_a_worktree_and_in_a_submodule(
    folder, tmp_path, monkeypatch, kind
):
    git("init", "-q", cwd=folder)
    git("add", ".", cwd=folder)
    git("commit", "-qm", "first", cwd=folder)
    if kind == "worktree":
        git("worktree", "add", "-q", tmp_path / "other", cwd=folder)
    else:
        (tmp_path / "outer").mkdir()
        git("init", "-q", cwd=tmp_path / "outer")
        git(
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "add",
            "-q",
            folder,
            "other",
            cwd=tmp_path / "outer",
        )
        (tmp_path / "other").symlink_to(tmp_path / "outer" / "other")
    other = tmp_path / "other"
    (other / ".env").write_text("A=1\n")
    for name, value in {
        "GIT_DIR": folder / ".git",
        "GIT_INDEX_FILE": "nowhere",
        "GIT_WORK_TREE": folder,
    }.items():
        monkeypatch.setenv(name, str(value))
    assert "is not ignored" not in run("check", ".", cwd=other).stdout
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name)
    git("add", "--force", ".env", cwd=other)
    assert "is not ignored" in run("check", ".", cwd=other).stdout


def test_rules_of_the_repository_around_count(folder, tmp_path):
    git("init", "-q", cwd=tmp_path)
    (folder / ".gitignore").unlink()
    (folder / ".env").write_text("A=1\n")
    assert "is not ignored" in run("check", ".", cwd=folder).stdout
    (tmp_path / ".gitignore").write_text("s/.env\n")
    assert "is not ignored" not in run("check", ".", cwd=folder).stdout
    (folder / ".gitignore").write_text("!.env\n")
    assert "is not ignored" in run("check", ".", cwd=folder).stdout


def test_pattern_that_keeps_others_busy_takes_no_time(folder):
    (folder / ".gitignore").write_text("*a" * 30 + "b\n" + "**/a/" * 40 + "b\n" + "[" * 100_000)
    deep = folder.joinpath(*["a"] * 60)
    deep.mkdir(parents=True)
    (deep / f".env.{'a' * 200}").write_text("A=1\n")
    began = time.monotonic()
    run("check", ".", cwd=folder)
    assert time.monotonic() - began < 5
    shutil.rmtree(folder / "a")


def test_escaped_star_is_a_star():
    rule = parse_rule(b"/a\\*[\\]]\\ ")
    assert rule
    assert rule.matches((b"a*] ",), is_folder=False)
    assert not rule.matches((b"ab] ",), is_folder=False)
