"""No command, module or file that comes with a folder is run or quoted by kvgen's tools."""

import os
import re

import pytest

from tests.strangers.conftest import run
from tests.tools import PACKAGES, TSC

_SECRET = "hunter2"  # noqa: S105 - none of anybody


def _planted(folder, tmp_path, monkeypatch):
    """Put commands into places of PATH that a clone can fill; returns what they leave behind."""
    ran, packages = tmp_path / "ran", "node_modules/.bin"
    for place in (folder, folder / "bin", folder / packages, tmp_path / packages):
        place.mkdir(parents=True, exist_ok=True)
        for name in ("go", "node", "git", "tsc"):
            (place / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
            (place / name).chmod(0o755)
    inside = (folder, folder / "bin", folder / packages, tmp_path / packages)
    path = [*map(str, inside), ".", "bin", "", os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    return ran


@pytest.mark.parametrize("language", ["javascript", "typescript", "go"])
def test_check_runs_no_command_of_the_folder(kvgen, tmp_path, monkeypatch, language):
    assert kvgen("new", "flag", "f", "-l", language).exit_code == 0
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tsc").symlink_to(TSC)  # a script, which asks for a node
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    ran = _planted(tmp_path / "f", tmp_path, monkeypatch)
    done = run("check", ".", cwd=tmp_path / "f")
    assert "error" not in done.stdout, done
    assert not ran.exists()


def test_merge_runs_no_command_of_the_folder(folder, tmp_path, monkeypatch):
    places = os.environ["PATH"]
    ran = _planted(folder, tmp_path, monkeypatch)
    packages = [str(place / "node_modules" / ".bin") for place in (folder, tmp_path)]
    monkeypatch.setenv("PATH", os.pathsep.join([*packages, ".", "", places]))
    handler = folder / "handler.js"
    handler.write_text("// mine\n" + handler.read_text())
    done = run("regenerate", "--set", "header=X-Visit", cwd=folder)
    assert "merge    handler.js" in done.stdout, done
    assert not ran.exists()


@pytest.fixture
def typed(kvgen, tmp_path, monkeypatch):
    """A function in TypeScript, a compiler on PATH, and a secret beside the folder."""
    assert kvgen("new", "session", "t", "-l", "typescript").exit_code == 0
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tsc").symlink_to(TSC)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    secret = tmp_path / "secret"
    for name in ("@types/node", "undici-types"):
        (secret / name).parent.mkdir(parents=True, exist_ok=True)
        (secret / name).symlink_to(PACKAGES / name)
    (secret / "package.json").write_text('{"name": "secret", "types": "index.d.ts"}\n')
    (secret / "words.json").write_text(f'{{"{_SECRET}": 1}}\n')
    (secret / "index.d.ts").write_text(f"export declare const words: {{ {_SECRET}: number }};\n")
    (secret / "global.d.ts").write_text(f"declare const words: {{ {_SECRET}: number }};\n")
    return tmp_path / "t"


_IMPORTS = {
    "import of JSON": 'import words from "{}/words.json" with {{ type: "json" }};',
    "import of types": 'import {{ words }} from "{}/index.js";',
    "reference": '/// <reference path="{}/global.d.ts" />',
    "package": 'import {{ words }} from "secret";',
    "linked package": 'import {{ words }} from "secret";',
}


@pytest.mark.parametrize("kind", _IMPORTS)
def test_compiler_of_types_prints_no_word_of_another_file(typed, tmp_path, kind):
    secret, installed = tmp_path / "secret", typed / "node_modules"
    if kind == "package":  # one of another project
        (secret / "node_modules" / "secret").mkdir(parents=True)
        for name in ("index.d.ts", "package.json"):
            (secret / name).rename(secret / "node_modules" / "secret" / name)
        for name in ("@types", "undici-types"):
            (secret / name).rename(secret / "node_modules" / name)
        installed.symlink_to(secret / "node_modules")
    elif kind == "linked package":
        (installed / "@types").mkdir(parents=True)
        (installed / "@types" / "node").symlink_to(PACKAGES / "@types/node")
        (installed / "undici-types").symlink_to(PACKAGES / "undici-types")
        (installed / "secret").symlink_to(secret)
        config = typed / "tsconfig.json"
        text = config.read_text()
        assert '"compilerOptions": {' in text
        config.write_text(text.replace('s": {', 's": { "preserveSymlinks": true,', 1))
    handler = typed / "handler.ts"
    line = _IMPORTS[kind].format(secret)
    handler.write_text(f"{line}\nexport const told: string = words;\n{handler.read_text()}")
    done = run("check", ".", cwd=typed)
    said = "'secret' is not installed" if kind == "package" else "is not in the folder"
    assert re.search(f"types were not checked: .*{said}", done.stdout), done
    assert _SECRET not in done.stdout + done.stderr
