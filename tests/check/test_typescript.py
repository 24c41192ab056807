"""Checks that only TypeScript has: its compiler, and sources that a build may lose."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from kvgen.languages.typescript import compiler as compilers
from tests.check.conftest import checked, found, scaffolded
from tests.check.plain import UUID
from tests.tools import NEWEST_TSC, PACKAGES, RUNTIME_TYPES, TSC


@pytest.fixture
def folder(ready):
    return ready("typescript")


def test_source_below_the_root_is_a_warning(folder):
    (folder / "lib").mkdir()
    (folder / "session.ts").rename(folder / "lib" / "session.ts")
    for path in (folder / "handler.ts", folder / "lib" / "session.ts"):
        text = path.read_text()
        path.write_text(text.replace("./session", "./lib/session").replace("./kv", "../kv"))
    assert found(folder) == [("ts-nested", "lib/session.ts", None)]


@pytest.mark.parametrize("tsc", [TSC, NEWEST_TSC], ids=["asked for", "newest"])
def test_either_compiler_is_understood(folder, compiler, tsc):
    (compiler / "tsc").unlink()
    (compiler / "tsc").symlink_to(tsc)
    with (folder / "handler.ts").open("a") as handler:
        handler.write("export const count: number = 'one';\n")
    lines = (folder / "handler.ts").read_text().count("\n")
    assert found(folder) == [("ts-types", "handler.ts", lines)]


def test_lock_file_with_addresses_is_the_users_and_fine(folder):
    lock = '{"packages": {"": {}, "node_modules/a": {"resolved": "https://packages.example/a"}}}'
    (folder / "package-lock.json").write_text(lock)
    assert found(folder) == []


def test_compiler_of_the_folder_is_never_run(folder, compiler, monkeypatch, tmp_path):
    (compiler / "tsc").unlink()
    ran = tmp_path / "ran"
    places = [folder, folder / "node_modules" / ".bin", tmp_path / "node_modules" / ".bin"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / "tsc").write_text(f"#!/bin/sh\ntouch {ran}\n")
        (place / "tsc").chmod(0o755)
    monkeypatch.chdir(folder)
    path = os.pathsep.join([*map(str, places), ".", "", os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)
    (note,) = checked(folder).findings
    assert (note.rule.name, note.message) == (
        "not-run",
        "types were not checked: there is no tsc here",
    )
    assert not ran.exists()


def test_compiler_in_kvgens_own_environment_is_found(folder, compiler, monkeypatch):
    (compiler / "tsc").unlink()
    own = compiler / "own"
    (own / "bin").mkdir(parents=True)
    (own / "bin" / "tsc").symlink_to(TSC)
    monkeypatch.setattr(sys, "executable", str(own / "bin" / "python"))
    assert compilers._find_tsc(folder) == own / "bin" / "tsc"


def test_types_of_the_folders_own_packages_are_read(folder, compiler):
    """A compiler that was installed by itself has no types of Node beside it."""
    alone = compiler / "alone" / "node_modules" / "typescript"
    alone.parent.mkdir(parents=True)
    (compiler / "tsc").unlink()
    _copy(TSC.parents[1], alone)
    (compiler / "tsc").symlink_to(alone / "bin" / "tsc")
    (note,) = checked(folder).findings
    assert (note.rule.name, note.message) == (
        "not-run",
        "types were not checked: there is no @types/node here",
    )
    (folder / "node_modules" / "@types").mkdir(parents=True)
    for name in ("@types/node", "undici-types"):
        _copy(PACKAGES / name, folder / "node_modules" / name)
    assert found(folder) == []


def test_package_that_is_not_installed_is_a_note(folder):
    kv = folder / "kv.ts"
    kv.write_text('import { z } from "zod";\n' + kv.read_text())
    package = folder / "package.json"
    package.write_text(package.read_text().replace('"typescript":', '"zod": "4", "typescript":'))
    (note,) = checked(folder).findings
    assert (note.rule.name, note.message) == (
        "not-run",
        "types were not checked: 'zod' is not installed",
    )


def test_settings_that_lead_out_of_the_folder_are_not_followed(folder):
    config = folder / "tsconfig.json"
    config.write_text(config.read_text().replace('"types"', '"typeRoots": ["../mine"], "types"'))
    assert found(folder) == [("not-run", "tsconfig.json", None)]


@pytest.fixture
def bound(tmp_path):
    """Return a function with the KV's binding, filled in."""
    return scaffolded(tmp_path / "bound", "typescript", "session", kv="binding")


def test_function_with_the_binding_needs_no_credential_and_no_variable(bound):
    (note,) = checked(bound).findings
    assert (note.rule.name, note.message, note.fix) == (
        "not-run",
        "types were not checked: '@telnyx/edge-runtime' is not installed",
        "npm install",
    )
    shutil.copy(RUNTIME_TYPES, bound)
    assert found(bound) == []


@pytest.mark.parametrize(
    ("stands", "instead", "rule", "line", "message"),
    [
        (f'id = "{UUID}"', 'id = "mine"', "namespace-id", 8, "id 'mine' is not a UUID"),
        (f'id = "{UUID}"', 'id = ""', "namespace-missing", 8, "id is missing"),
        (f'id = "{UUID}"', "", "namespace-missing", 6, "id is missing"),
        (UUID, "REPLACE-WITH-NAMESPACE-ID", "namespace-missing", 8, "is still the placeholder"),
        ("[storage.kv.MY_KV]", "[edge]", "namespace-missing", None, "no KV namespace is bound"),
    ],
)
def test_namespace_that_is_not_bound_is_an_error(bound, stands, instead, rule, line, message):
    manifest = bound / "func.toml"
    head, _, rest = manifest.read_text().partition("[storage")
    rest = f"[storage{rest}"
    assert stands in rest
    manifest.write_text(head + rest.replace(stands, instead))
    findings = [f for f in checked(bound).findings if f.rule.name.startswith("namespace")]
    assert [(f.rule.name, f.line) for f in findings] == [(rule, line)]
    assert message in findings[0].message


def _copy(source: Path, target: Path) -> None:
    """Hard links would do, but for a build on another disk."""
    shutil.copytree(source, target)
