"""A Go function with code from elsewhere, without a network: what `go build` takes, dev takes."""

import shutil
import subprocess

import pytest

from kvgen.languages.toolchains import find_go, go_environment
from tests.dev.conftest import developing
from tests.dev.functions import written

_OFFLINE = {"GOPROXY": "off", "GOSUMDB": "off", "GOFLAGS": "-mod=mod", "GOVCS": "*:off"}
_GREETING = 'package greet\n\nfunc Word() string { return "greeted" }\n'
_HANDLER = """\
package function

import (
\t"net/http"

\t"example.com/greet"
)

func Handle(w http.ResponseWriter, r *http.Request) {
\tw.Write([]byte(greet.Word()))
}
"""


@pytest.fixture
def replaced(tmp_path):
    """A function that takes a module from a folder below it."""
    folder = written(tmp_path / "function", "go")
    (folder / "greet").mkdir()
    (folder / "greet" / "go.mod").write_text("module example.com/greet\n\ngo 1.24\n")
    (folder / "greet" / "greet.go").write_text(_GREETING)
    (folder / "go.mod").write_text(
        "module function\n\ngo 1.24\n\nrequire example.com/greet v0.0.0\n\n"
        "replace example.com/greet => ./greet\n"
    )
    (folder / "handler.go").write_text(_HANDLER)
    return folder


@pytest.fixture
def vendored(replaced):
    """The same with its module in vendor/, and nowhere else."""
    command = [str(find_go()), "mod", "vendor"]
    subprocess.run(command, cwd=replaced, env=go_environment() | {"GOPROXY": "off"}, check=True)
    shutil.rmtree(replaced / "greet")
    return replaced


@pytest.mark.parametrize(
    ("kind", "source"),
    [("replaced", "greet/greet.go"), ("vendored", "vendor/example.com/greet/greet.go")],
)
def test_module_from_elsewhere_runs_and_reloads_and_manifests_stay(kind, source, request):
    folder = request.getfixturevalue(kind)
    (folder / "go.mod").write_text((folder / "go.mod").read_text() + "\n// mine\n")
    before = _texts(folder)
    with developing(folder, "--port", "0", **_OFFLINE) as dev:
        dev.says("Ready on")
        assert dev.get().text == "greeted"
        (folder / source).write_text(_GREETING.replace("greeted", "again"))
        dev.says(f"{source} changed\nReloaded.")
        assert dev.get().text == "again"
    assert _texts(folder) == before | {source: _GREETING.replace("greeted", "again")}


def test_module_that_is_missing_is_said_and_go_mod_stays(replaced):
    (replaced / "go.mod").write_text("module function\n\ngo 1.24\n")
    before = _texts(replaced)
    with developing(replaced, "--port", "0", **_OFFLINE) as dev:
        dev.says("cannot find module providing package example.com/greet")
        dev.says("Hint: go mod tidy adds it to go.mod")
    assert _texts(replaced) == before


def test_repository_that_git_refuses_is_no_obstacle(tmp_path):
    """Go would ask git for a version, and take its refusal for an error."""
    folder = written(tmp_path / "function", "go")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    with developing(folder, "--port", "0", GOFLAGS="-buildvcs=true") as dev:
        dev.says("Ready on")


def _texts(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}
