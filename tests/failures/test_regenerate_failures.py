"""What `kvgen regenerate` says of folders that are not right, and that it leaves them alone."""

import json

import pytest

from tests.regenerate.conftest import lifetime_line


@pytest.fixture
def folder(kvgen, tmp_path):
    assert kvgen("new", "session", "function", "-l", "go").exit_code == 0
    return tmp_path / "function"


def _contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _text(result, tmp_path):
    return result.exit_code, result.stderr.replace(str(tmp_path), "<tmp>")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("kvgen.toml", lambda text: text + "colour = 1\n"),
        ("kvgen.toml", lambda text: text.replace("ttl", "tll")),
        ("kvgen.toml", lambda text: text.replace("session", "sesion")),
        ("kvgen.toml", lambda text: text.replace('"go"', '"rust"')),
        ("kvgen.toml", lambda text: text.replace('"24h"', '"soon"')),
        ("kvgen.toml", lambda text: text.replace('"24h"', "24")),
        ("kvgen.toml", lambda text: text.replace("name", "<<<<<<< ours\nname", 1)),
        ("kvgen.toml", lambda text: text.replace('"function"', '"a b"')),
        ("kvgen.toml", lambda text: "["),
        ("kvgen.toml", lambda text: 'pattern = "session"\n[options]\nttl = "1h"\n'),
        ("kvgen.toml", lambda text: text.replace('handler = "session"', 'handler = "flag"')),
        ("kvgen.toml", lambda text: text + 'cookie = "sid"\n'),
        ("kvgen.lock", lambda text: "{"),
        ("kvgen.lock", lambda text: "{}"),
        ("kvgen.lock", lambda text: text.replace('"version": "0', '"version": "99')),
        ("kvgen.lock", lambda text: text.replace('"version": "0', '"version": "x')),
        ("kvgen.lock", lambda text: text.replace("package function", "package other")),
        ("kvgen.lock", lambda text: "<<<<<<< ours\n" + text),
        ("kvgen.lock", lambda text: None),
    ],
    ids=[
        *("unknown key", "unknown option", "unknown pattern", "unknown language", "bad answer"),
        *(
            "a number",
            "conflict marks",
            "bad name",
            "no toml",
            "old form",
            "no such handler",
            "both",
        ),
        *("no json", "no lock", "newer"),
        *("bad version", "text of another id", "marks in the lock", "missing lock"),
    ],
)
def test_folder_that_is_not_right_is_left_alone(kvgen, folder, tmp_path, name, change, snapshot):
    path = folder / name
    changed = change(path.read_text())
    if changed is None:
        path.unlink()
    else:
        path.write_text(changed)
    before = _contents(folder)
    result = kvgen("regenerate", str(folder))
    assert _text(result, tmp_path) == snapshot
    assert _contents(folder) == before


def test_lock_of_another_pattern_is_no_reason_to_lose_anything(kvgen, folder, tmp_path):
    assert kvgen("new", "flag", "other", "-l", "go").exit_code == 0
    (folder / "kvgen.lock").write_bytes((tmp_path / "other" / "kvgen.lock").read_bytes())
    before = _contents(folder)
    result = kvgen("regenerate", str(folder))
    assert result.exit_code == 0
    lost = {p.name for p, text in before.items() if not p.exists() or p.read_bytes() != text}
    assert lost <= {"kvgen.lock"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["."],
        ["function", "--set", "tll=1h"],
        ["function", "--set", "ttl"],
        ["function", "--set", "ttl=0"],
        ["function", "--set", "=1"],
        ["function", "--set", "flag.default=on"],
        ["function", "--set", "cookie=sid", "--set", "header=X-Visit"],
        ["function", "--set", "cookie=a b"],
        ["function", "--sett", "ttl=1h"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_refused(kvgen, folder, tmp_path, arguments, snapshot, monkeypatch):
    (tmp_path / "empty").mkdir()
    if arguments == ["."]:
        monkeypatch.chdir(tmp_path / "empty")
    before = _contents(folder)
    assert _text(kvgen("regenerate", *arguments), tmp_path) == snapshot
    assert _contents(folder) == before


def test_conflict_refuses_its_folder_and_the_others_go_on(kvgen, folder, tmp_path, snapshot):
    assert kvgen("new", "session", "other", "-l", "go").exit_code == 0
    handler = folder / "handler.go"
    handler.write_text(handler.read_text().replace(lifetime_line("24h"), "\tlifetime = 12_345"))
    before = _contents(folder)
    result = kvgen("regenerate", str(tmp_path), "--set", "ttl=5m", "--json")
    status, said = _text(result, tmp_path)
    # What stands around the line is the template's business.
    shown = [
        line for line in said.splitlines() if not line.startswith("    ") or "lifetime" in line
    ]
    assert (status, shown) == snapshot
    assert _contents(folder) == before
    assert lifetime_line("5m") in (tmp_path / "other" / "handler.go").read_text()
    plans = {entry["folder"].rsplit("/", 1)[1]: entry for entry in json.loads(result.stdout)}
    assert plans["function"]["error"]
    assert plans["other"]["error"] is None
