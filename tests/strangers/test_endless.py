"""Endless files, deep folders and empty files do not block kvgen."""

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import sys

import pytest

from tests.strangers.conftest import ROOT, files, run

_COMMANDS = [
    ("regenerate", "--check", "."),
    ("regenerate", "."),
    ("check", "."),
    ("add", "flag", "."),
    ("new", "session", ".", "-l", "javascript", "--name", "s", "--force"),
]


def _in_place(path, kind):
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to a device":
        path.symlink_to("/dev/zero")
    elif kind == "device" and os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    else:  # only root makes devices, and anybody makes what is no file either
        with contextlib.chdir(path.parent), socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "device", "socket"])
@pytest.mark.parametrize("name", ["kvgen.lock", "kvgen.toml", "handler.js", "func.toml"])
def test_what_is_no_file_is_said_and_waited_for_by_nobody(folder, kind, name):
    _in_place(folder / name, kind)
    for command in _COMMANDS:
        done = run(*command, cwd=folder)
        if command[0] == "add" and name in ("handler.js", "func.toml"):
            continue  # which it neither reads nor writes
        assert done.returncode in (1, 2), command
        said = done.stdout + done.stderr
        assert name in said
        assert kind == "link to a device" or "is not a file" in said, (command, said)


@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
def test_page_that_is_no_file_is_refused(folder, kind):
    _in_place(folder / "page.md", kind)
    done = run("docs", "page.md", cwd=folder)
    assert done.returncode == 1
    assert "is not a file" in done.stderr


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "device"])
def test_staged_lock_that_is_no_file_is_not_read(folder, kind):
    own = folder / ".staged.kvgen-0123456789ab"
    (own / "after").mkdir(parents=True)
    (own / f"made-by-kvgen-{own.stat().st_ino}").write_text("")
    _in_place(own / "after" / "kvgen.lock", kind)
    for command in _COMMANDS[:2]:
        assert run(*command, cwd=folder).returncode in (0, 3)


@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize("name", [".gitignore", ".git", ".env", "a.go", "x.js", "data.bin"])
def test_check_opens_what_is_a_file_and_nothing_else(folder, kind, name):
    _in_place(folder / name, kind)
    assert run("check", ".", cwd=folder).returncode in (0, 1)


@pytest.fixture
def bottomless(folder):
    """1,100 folders in each other; they are gone afterwards, which is more than shutil can do."""
    with contextlib.chdir(folder):
        for _ in range(1_100):
            os.mkdir("deep")
            os.chdir("deep")
    yield folder
    subprocess.run(["rm", "-rf", folder / "deep"], check=True)


def test_folders_in_each_other_have_no_bottom(bottomless):
    folder = bottomless
    done = run("regenerate", ".", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "1 folder, 0 changed\n")
    assert "is more than 100 folders deep, and was not looked into" in done.stderr
    checked = run("check", ".", cwd=folder)
    assert "is more than 100 folders deep" in checked.stdout
    assert checked.stderr == ""


def test_path_that_is_longer_than_the_system_takes_is_walked(folder):
    """A pattern of names that are long each, and a link and a page at its end."""
    with contextlib.chdir(folder):
        for _ in range(25):
            os.mkdir("x" * 200)
            os.chdir("x" * 200)
        os.symlink("/etc/hosts", "hosts.js")
        with open("page.md", "w") as file:
            file.write("<!-- kvgen: session go handler -->\n<!-- kvgen: end -->\n")
        with open("func.json", "w") as file:
            file.write("{}")
    (folder / "page.md").write_text("<!-- kvgen: session go handler -->\n<!-- kvgen: end -->\n")
    assert "hosts.js: is a link to '/etc/hosts'" in run("check", ".", cwd=folder).stdout
    assert run("regenerate", ".", cwd=folder).stdout == "1 folder, 0 changed\n"
    done = run("docs", ".", cwd=folder)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 page, 1 changed")
    subprocess.run(["rm", "-rf", folder / ("x" * 200)], check=True)


@pytest.mark.parametrize("has_mine", [True, False])
def test_scratch_folder_without_a_bottom_is_not_kvgens(bottomless, has_mine):
    """Its lock is right, and says nothing of what is in there."""
    folder, own = bottomless, bottomless / ".staged.kvgen-0123456789ab"
    own.mkdir()
    for name in ("kvgen.lock", "kvgen.toml"):
        shutil.copy(folder / name, own)
    if has_mine:
        own.joinpath(*["deep"] * 101).mkdir(parents=True)
        own.joinpath(*["deep"] * 101, "notes.md").write_text("mine\n")
    else:
        (folder / "deep").rename(own / "deep")
    assert run("regenerate", "--set", "ttl=5m", cwd=folder).returncode == 0
    assert (own / "deep" / "deep").is_dir()
    subprocess.run(["rm", "-rf", own], check=True)


def _peak(*arguments, cwd):
    """Return how a run ended, and the most memory that it had, in bytes."""
    measure = (
        "import resource, subprocess, sys;"
        "done = subprocess.run([sys.executable, '-m', 'kvgen', *sys.argv[1:]]);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr);"
        "sys.exit(done.returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measure, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done, int(done.stderr.splitlines()[-1])


@pytest.mark.parametrize("command", _COMMANDS[:3])
def test_file_of_a_gigabyte_is_left_alone_and_said(folder, command):
    usual = _peak(*command, cwd=folder)[1]
    with (folder / "handler.js").open("ab") as file:
        file.truncate(1_000_000_000)
    done, peak = _peak(*command, cwd=folder)
    assert peak - usual < 24 * 2**20
    assert "Traceback" not in done.stderr
    assert "handler.js" in done.stdout
    assert (folder / "handler.js").stat().st_size == 1_000_000_000


@pytest.mark.parametrize("key", ["a.", '"a" . ', "''.", "x = {b."], ids=repr)
@pytest.mark.parametrize("name", ["kvgen.toml", "func.toml"])
def test_key_of_half_a_million_parts_takes_no_time(folder, name, key):
    """Python's own parser would take hours."""
    head, _, part = key.rpartition("{")
    text = f"# mine\n{head}{'{' if head else ''}{part * (2**20 // len(part) // 2)}a = 1\n"
    (folder / name).write_text(text)
    said = "a key has more than 100 parts"
    checked = run("check", ".", cwd=folder, timeout=10)
    assert f"{name}:2: {said}" in checked.stdout
    if name == "kvgen.toml":
        assert said in run("regenerate", ".", cwd=folder, timeout=10).stderr
        assert said in run("dev", ".", cwd=folder, timeout=10).stderr
    else:
        assert run("regenerate", "--set", "ttl=5m", cwd=folder, timeout=10).returncode == 0


def test_manifest_of_many_megabytes_is_merged_by_line(folder):
    """By key it takes minutes, and a gigabyte of memory."""
    id_ = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    with (folder / "func.toml").open("a") as file:
        file.writelines(f"K{number} = ''\n" for number in range(500_000))
    done = run("regenerate", "--set", f"namespace-id={id_}", cwd=folder)
    assert "merge    func.toml" in done.stdout, done
    assert id_ in (folder / "func.toml").read_text()


def test_other_files_of_a_folder_with_a_gigabyte_are_brought_up_to_date(folder):
    with (folder / "README.md").open("ab") as file:
        file.truncate(100_000_000)
    done = run("regenerate", "--set", "ttl=5m", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "too large to be read, and is left alone" in done.stdout
    assert (folder / "README.md").stat().st_size == 100_000_000
    assert 'ttl = "5m"' in (folder / "kvgen.toml").read_text()


def test_own_files_that_are_too_large_are_refused(folder):
    for name in ("kvgen.toml", "kvgen.lock"):
        content = (folder / name).read_bytes()
        with (folder / name).open("ab") as file:
            file.truncate(17 * 2**20)
        for command in (*_COMMANDS[:2], _COMMANDS[4]):
            done = run(*command, cwd=folder)
            assert done.returncode == 1
            assert "MiB" in done.stderr or "too large" in done.stderr
        (folder / name).write_bytes(content)
    assert len(files(folder)) == 15
