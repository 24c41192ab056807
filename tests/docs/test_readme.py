"""The README's console blocks, typed one after the other: they print what it says they print."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.behaviour.hosting import wait_until
from tests.conftest import kvgen_process

_README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def _typed():
    """Yield each command with the lines that the README shows below it."""
    for block in re.findall(r"^```console\n(.*?)^```$", _README, re.M | re.S):
        yield from re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)


def _alike(text):
    """Leave out what differs from run to run: ids, ports, times, and the widths they lead to."""
    text = re.sub(r"\b[0-9a-f]{32}\b", "<id>", text)
    text = re.sub(r"\d+(?:\.\d+)?(?!\d* files)", "0", text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.fixture
def typing(tmp_path, monkeypatch):
    """Run a command line where the last one left off, and return what it printed."""
    home = {"XDG_DATA_HOME": str(tmp_path / "data"), "COLUMNS": "100"}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("KV_", "TELNYX_"))}
    (tmp_path / "here").mkdir()
    kvgen = f"{sys.executable} -m kvgen"
    place = [tmp_path / "here"]

    def run(command):
        line = re.sub(r"^(make (?=demo)|kvgen )", f"{kvgen} ", command)
        done = subprocess.run(
            ["sh", "-c", f"{line}; status=$?; pwd >&2; exit $status"],
            cwd=place[0],
            env=environment | home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        *errors, where = done.stderr.splitlines()
        place[0] = Path(where)
        return done.stdout + "".join(f"{line}\n" for line in errors)

    with contextlib.ExitStack() as stack:

        def develop(arguments):
            output = tmp_path / f"dev-{len(arguments)}.txt"
            with output.open("w") as sink:
                process = kvgen_process(
                    ["dev", *arguments], cwd=place[0], env=environment | home, stdout=sink
                )
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            return output

        yield run, develop


def test_commands_print_what_the_readme_says(typing):
    run, develop = typing
    for command, said in _typed():
        if command == "kvgen dev":
            printed = _one_request(develop([]))
        elif "--fault" in command:
            continue  # a second server for the same folder; tests/kv/ runs it
        else:
            printed = run(command)
        assert _alike(printed) == _alike(said), command


def _one_request(output):
    wait_until(lambda: "Ctrl-C stops" in output.read_text(), "kvgen dev is not ready")
    (url,) = re.findall(r"Ready on (\S+),", output.read_text())
    httpx.post(url, trust_env=False).raise_for_status()
    wait_until(lambda: "POST" in output.read_text(), "the request is not told of")
    # Where the port of the README is taken, the first line says so.
    lines = output.read_text().splitlines(keepends=True)
    return "".join(line for line in lines if "is in use" not in line)
