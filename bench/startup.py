"""How long a command takes, as a process of its own, against bare imports and other scaffolders."""

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.places import BUILD, HERE, generated, peers, save
from bench.settings import STARTS

# What everybody renders: the files of a session in JavaScript, with its name as the hole. The lock
# is kvgen's alone, and comes on top of what the others write.
_LOCK = "kvgen.lock"
_NAME = "session-javascript"


def run() -> dict[str, Any]:
    """Run every command in turn; a command that fails ends the bench."""
    work = BUILD / "startup"
    shutil.rmtree(work, ignore_errors=True)
    commands = _commands(work)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(STARTS + 1):
        for name, command in commands.items():
            taken = _seconds([part.replace("OUT", f"{work}/out-{number}") for part in command])
            if number:  # the first turn fills caches of files and of compiled Python
                times[name].append(1000 * taken)
            shutil.rmtree(work / f"out-{number}", ignore_errors=True)
    shutil.rmtree(work)
    return save("startup", {name: _summary(taken) for name, taken in times.items()})


def _commands(work: Path) -> Mapping[str, Sequence[str]]:
    place = peers()
    python, kvgen = str(place / "python"), str(place / "kvgen")
    templates = _templates(work)
    session = ["session", "OUT", "-l", "javascript", "--name", _NAME]
    return {
        "python": [python, "-c", "pass"],
        "import click": [python, "-c", "import click"],
        "import click, jinja2": [python, "-c", "import click, jinja2"],
        "floor": [python, str(HERE / "floor.py"), str(templates["floor"]), "OUT", _NAME],
        "kvgen --version": [kvgen, "--version"],
        "kvgen --help": [kvgen, "--help"],
        "kvgen list": [kvgen, "list"],
        "kvgen show session -l go TAB": [
            *("env", "_KVGEN_COMPLETE=bash_complete", "COMP_WORDS=kvgen show session -l go "),
            kvgen,
        ],
        "kvgen new": [kvgen, "new", *session],
        "cookiecutter": [
            *(str(place / "cookiecutter"), "--no-input", "--output-dir", "OUT"),
            str(templates["cookiecutter"]),
        ],
        "copier": [
            *(str(place / "copier"), "copy", "--quiet", "--defaults", "--vcs-ref=HEAD"),
            *(str(templates["copier"]), "OUT"),
        ],
    }


def _templates(work: Path) -> Mapping[str, Path]:
    """Write the same templates in the manner of each tool."""
    source = generated("session", "javascript")
    folders = {name: work / name for name in ("floor", "cookiecutter", "copier")}
    places = {
        "floor": (folders["floor"], "", "{{ name }}"),
        "cookiecutter": (
            folders["cookiecutter"] / "{{cookiecutter.name}}",
            "",
            "{{ cookiecutter.name }}",
        ),
        "copier": (folders["copier"], ".jinja", "{{ name }}"),
    }
    for folder, suffix, hole in places.values():
        folder.mkdir(parents=True)
        for file in source.iterdir():
            if file.name != _LOCK:
                text = file.read_text().replace(_NAME, hole)
                (folder / f"{file.name}{suffix}").write_text(text)
    answers = json.dumps({"name": _NAME})
    (folders["cookiecutter"] / "cookiecutter.json").write_text(answers)
    (folders["copier"] / "copier.yml").write_text(f"name:\n  type: str\n  default: {_NAME}\n")
    return folders


def _seconds(command: Sequence[str]) -> float:
    environment = {"PATH": os.environ["PATH"], "HOME": str(BUILD), "LANG": "C.UTF-8"}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=BUILD, env=environment, capture_output=True, check=False)
    taken = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return taken


def _summary(times: Sequence[float]) -> dict[str, float]:
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else [*times] * 3
    return {"median": statistics.median(times), "low": low, "high": high}
