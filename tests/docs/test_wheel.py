"""The wheel, built and installed into an empty environment, scaffolds from another folder."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from kvgen.docs.page import page_text
from tests.kv.redis_server import RedisServer

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return the kvgen command of an environment that has the wheel, and no checkout in sight."""
    root = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(root)]
    subprocess.run(build, cwd=_ROOT, check=True, capture_output=True)
    (wheel,) = root.glob("*.whl")
    venv.create(root / "venv", with_pip=False, symlinks=True)
    (place,) = (root / "venv").glob("lib/python*/site-packages")
    # What it depends on is taken from here, so that no network is needed: by a path file, below
    # the environment's own packages in precedence, and without the editable kvgen.
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    pip += ["--disable-pip-version-check", "--target", str(place), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    here = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    (place / "others.pth").write_text(f"{here}\n")
    return [str(root / "venv" / "bin" / "python"), "-P", "-m", "kvgen"]


def _run(command, folder, **environment):
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_brings_its_own_code_and_templates(installed, tmp_path):
    code = "import kvgen, kvgen.scaffold.roots as r; print(kvgen.__file__, r.OWN_ROOT)"
    done = _run([*installed[:2], "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    assert str(_ROOT) not in done.stdout


def test_wheel_brings_the_page_of_the_console(installed, tmp_path):
    code = "import kvgen.console.app as app; print(*sorted(p.name for p in app._PAGE.iterdir()))"
    done = _run([*installed[:2], "-c", code], tmp_path)
    own = {path.name for path in (_ROOT / "kvgen" / "console" / "page").iterdir()}
    assert set(done.stdout.split()) == own


@pytest.mark.parametrize("language", ["javascript", "typescript", "python", "go"])
def test_wheel_writes_what_the_checkout_writes(kvgen, installed, tmp_path, language):
    arguments = ["new", "session", language, "-l", language, "--name", f"session-{language}"]
    done = _run([*installed, *arguments], tmp_path)
    assert done.returncode == 0, done.stderr
    assert _run([*installed, "add", "flag", language], tmp_path).returncode == 0
    assert kvgen("new", *arguments[1:2], "own", *arguments[3:]).exit_code == 0
    assert kvgen("add", "flag", "own").exit_code == 0
    assert _contents(tmp_path / language) == _contents(tmp_path / "own")


def _contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_wheel_prints_the_page_that_the_checkout_prints(installed, tmp_path):
    done = _run([*installed, "docs"], tmp_path)
    assert done.stdout == page_text("mintlify")


def test_wheel_keeps_a_kv_in_redis(installed, tmp_path):
    redis = RedisServer(tmp_path)
    done = _run([*installed, "kv", "put", "a", "x", "--store", redis.url()], tmp_path)
    redis.kill()
    assert (done.returncode, done.stderr) == (0, "Created a (1 B)\n")


def test_wheel_compares_languages_as_the_checkout_does(kvgen, installed, tmp_path):
    compared = ["list", "--compare"]
    assert _run([*installed, *compared], tmp_path).stdout == kvgen(*compared).stdout


def test_wheel_holds_no_tests_and_no_compiled_templates(installed, tmp_path):
    code = (
        "import kvgen, pathlib; print(*pathlib.Path(kvgen.__file__).parent.rglob('*'), sep='\\n')"
    )
    names = _run([*installed[:2], "-c", code], tmp_path).stdout.splitlines()
    assert any(name.endswith("templates/session/pattern.toml") for name in names)
    assert not [name for name in names if "templates" in name and name.endswith(".pyc")]
    assert not [name for name in names if "/tests/" in name and "templates" not in name]
