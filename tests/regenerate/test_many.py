"""Many folders in one run: each file is read once, one broken folder is one error, one summary."""

import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.regenerate.conftest import contents, times

_LANGUAGES = ("javascript", "python", "go")


@pytest.fixture
def monorepo(kvgen, tmp_path):
    """Two dozen folders in teams, each with a name of its own."""
    for number in range(24):
        place, language = f"team-{number % 3}/function-{number}", _LANGUAGES[number % 3]
        assert kvgen("new", "flag", place, "-l", language).exit_code == 0
    return tmp_path


@pytest.fixture
def opened():
    """Count what is opened, by path, from when the list is cleared to when it is read."""
    paths, is_on = [], True

    def note(event, arguments):
        if is_on and event == "open" and isinstance(arguments[0], str):
            paths.append(arguments[0])

    sys.addaudithook(note)
    yield paths
    is_on = False


def test_run_that_changes_nothing_reads_each_file_once_and_touches_none(kvgen, monorepo, opened):
    before = times(monorepo)
    assert kvgen("regenerate", "--check").exit_code == 0
    opened.clear()
    assert kvgen("regenerate").stdout == "24 folders, 0 changed\n"
    names = Counter(Path(path).name for path in contents(monorepo))
    assert Counter(path for path in opened if path in names) == names
    assert times(monorepo) == before


def test_templates_are_read_once_for_all_folders(kvgen, monorepo, opened):
    kvgen("regenerate", "--check")
    opened.clear()
    kvgen("regenerate", "--check")
    assert not [path for path in opened if path.endswith((".j2", "pattern.toml"))]


def test_many_folders_get_a_line_each_and_rows_on_request(kvgen, monorepo):
    result = kvgen("regenerate", "--set", "refresh=5m", "--check")
    assert result.exit_code == 3
    lines = result.stdout.splitlines()
    assert lines[-1] == "24 folders, 24 would change"
    assert len(lines) == 25
    assert re.fullmatch(r"team-0/function-0: update \d+", lines[0])
    rows = kvgen("regenerate", "--check", "--verbose").stdout.splitlines()
    assert len(rows) == 1 + len(contents(monorepo))


def test_broken_folder_does_not_stop_the_others_and_makes_the_status_1(kvgen, monorepo):
    (monorepo / "team-0" / "function-0" / "kvgen.lock").write_text("{")
    result = kvgen("regenerate", "--set", "refresh=5m")
    assert result.exit_code == 1
    assert result.stderr.count("Error: ") == 1
    assert result.stdout.splitlines()[-1] == "24 folders, 23 changed, 1 failed"
    assert '"5m"' in (monorepo / "team-2" / "function-23" / "kvgen.toml").read_text()


def test_strict_run_stops_at_the_first_broken_folder(kvgen, monorepo):
    (monorepo / "team-1" / "function-1" / "kvgen.lock").write_text("{")
    result = kvgen("regenerate", "--set", "refresh=5m", "--strict")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "24 folders, 8 changed, 1 failed, 15 not looked at"
    assert '"5m"' in (monorepo / "team-0" / "function-21" / "kvgen.toml").read_text()
    assert '"5m"' not in (monorepo / "team-2" / "function-23" / "kvgen.toml").read_text()


def test_json_of_many_folders_is_one_document(kvgen, monorepo):
    (monorepo / "team-0" / "function-0" / "kvgen.lock").write_text("{")
    result = kvgen("regenerate", "--check", "--json")
    entries = json.loads(result.stdout)
    assert len(entries) == 24
    assert [entry["folder"] for entry in entries if entry["error"]] == ["team-0/function-0"]
    assert result.stderr.splitlines()[-1] == "24 folders, 0 would change, 1 failed"


def test_terminal_shows_how_far_it_is(monorepo):
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "kvgen", "regenerate", "--check"]
    with subprocess.Popen(command, cwd=monorepo, stderr=end, stdout=subprocess.PIPE) as process:
        os.close(end)
        printed = b""
        while chunk := _read(terminal):
            printed += chunk
        assert process.stdout
        assert process.stdout.read() == b"24 folders, 0 would change\n"
    os.close(terminal)
    assert b"Regenerating" in printed
    assert b"100%" in printed


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux reports the other side's end as an error.
        return b""
