"""A compiler ends with kvgen, and says nothing of what is outside the folder."""

import os
import signal
import threading

import pytest

from kvgen.errors import KvgenError
from kvgen.languages.kept import run_tool
from tests.behaviour.hosting import wait_until
from tests.strangers.conftest import run, start

_SECRET = "hunter2"  # noqa: S105 - none of anybody
_FORKING = "sleep 300 & echo $! > {pids}; exec sleep 300"


@pytest.fixture
def go(kvgen, tmp_path):
    assert kvgen("new", "session", "g", "-l", "go").exit_code == 0
    (tmp_path / "secret.txt").write_text(f"{_SECRET} top\n")
    return tmp_path / "g"


def _replace(go, module, place):
    with (go / "go.mod").open("a") as file:
        file.write(f"\nrequire {module} v0.0.0\nreplace {module} => {place}\n")


def _is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("ending", ["time", KeyboardInterrupt(), SystemExit(143)])
def test_what_a_compiler_started_ends_with_it(tmp_path, ending):
    pids = tmp_path / "pids"
    command = ["/bin/sh", "-c", _FORKING.format(pids=pids)]

    def end(*_):
        raise ending

    def interrupt():
        wait_until(lambda: pids.exists() and pids.read_text(), "nothing was started")
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, end)
    try:
        if ending != "time":
            threading.Thread(target=interrupt).start()
        with pytest.raises(KvgenError if ending == "time" else type(ending)):
            run_tool(command, tmp_path, dict(os.environ), 1 if ending == "time" else None)
    finally:
        signal.signal(signal.SIGUSR1, before)
    wait_until(lambda: not _is_alive(int(pids.read_text())), "it was left running")


def test_check_that_is_killed_leaves_no_compiler_and_its_folder_to_the_next_run(go, tmp_path):
    endless = tmp_path / "bin" / "go"
    endless.parent.mkdir()
    endless.write_text(
        "#!/bin/sh\n[ $1 = version ] && exec echo go version go1.99\n"
        f"echo $$ > {tmp_path}/pid\nwhile :; do sleep 1; done\n"
    )
    endless.chmod(0o755)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    pid, path = tmp_path / "pid", f"{endless.parent}:{os.environ['PATH']}"
    process = start("check", ".", cwd=go, PATH=path, TMPDIR=str(temporary))
    wait_until(lambda: pid.exists() and pid.read_text(), "the compiler was not started")
    process.kill()
    process.communicate()
    wait_until(lambda: not _is_alive(int(pid.read_text())), "it was left running")
    assert list(temporary.iterdir())
    start("check", ".", cwd=go, TMPDIR=str(temporary)).communicate()
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("include", ["../secret.txt", "/{folder}/secret.txt", "link.txt"])
def test_assembler_prints_no_word_of_another_file(go, tmp_path, include):
    if include == "link.txt":
        (go / include).symlink_to(tmp_path / "secret.txt")
    (go / "x.s").write_text(f'#include "{include.format(folder=tmp_path)}"\n')
    done = run("check", ".", cwd=go)
    assert done.returncode == 1
    assert ("not built: not every file can be read" in done.stdout) == (include == "link.txt")
    assert _SECRET not in done.stdout + done.stderr


def test_assembler_prints_no_word_that_another_file_defines(go, tmp_path):
    (tmp_path / "words.h").write_text(f"#define WORD {_SECRET}\n")
    (go / "x.s").write_text(f'#include "{tmp_path}/words.h"\nWORD\n')
    done = run("check", ".", cwd=go)
    assert "x.s:2: the assembler refuses it" in done.stdout, done
    assert _SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["x.go", "go.mod", "go.sum", "handler.go", "vendor/modules.txt"])
def test_compiler_follows_no_link(go, tmp_path, name):
    (go / name).parent.mkdir(exist_ok=True)
    (go / name).unlink(missing_ok=True)
    (go / name).symlink_to(tmp_path / "secret.txt")
    done = run("check", ".", cwd=go)
    assert done.returncode == 1
    assert "is a link to" in done.stdout
    assert _SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("place", ["../other", "{folder}/other"])
def test_module_outside_is_not_compiled(go, tmp_path, place):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "go.mod").write_text("module example.com/other\n")
    (tmp_path / "other" / "o.go").write_text(f"package other\nfunc {_SECRET} (\n")
    where = place.format(folder=tmp_path)
    _replace(go, "example.com/other", where)
    (go / "x.go").write_text('package function\nimport _ "example.com/other"\n')
    done = run("check", ".", cwd=go)
    assert "go.mod takes a module from" in done.stdout
    assert _SECRET not in done.stdout + done.stderr


def test_module_inside_is_compiled(go):
    """``go build`` takes it, and so does the platform."""
    (go / "greet").mkdir()
    (go / "greet" / "go.mod").write_text("module example.com/greet\n\ngo 1.24\n")
    (go / "greet" / "g.go").write_text("package greet\n\nconst Word = 1\n")
    _replace(go, "example.com/greet", "./greet")
    (go / "x.go").write_text(
        'package function\n\nimport "example.com/greet"\n\nvar _ = greet.Wrd\n'
    )
    assert "undefined: greet.Wrd" in run("check", ".", cwd=go).stdout
    (go / "x.go").write_text(
        'package function\n\nimport "example.com/greet"\n\nvar _ = greet.Word\n'
    )
    assert "error" not in run("check", ".", cwd=go).stdout


@pytest.mark.parametrize("name", ["../secret.js", "./link.js"])
def test_node_reads_no_file_outside(folder, tmp_path, name):
    (tmp_path / "secret.js").write_text(f"let a = 1 {_SECRET}\n")
    (folder / "link.js").symlink_to(tmp_path / "secret.js")
    handler = folder / "handler.js"
    handler.write_text(f'import "{name}";\n{handler.read_text()}')
    done = run("check", ".", cwd=folder)
    assert done.returncode == 1
    assert _SECRET not in done.stdout + done.stderr
    assert "which does not exist in the folder" in done.stdout
