"""What `kvgen regenerate --check` costs over many folders, against reading their files."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.markdown import number, table
from bench.places import BUILD, ROOT, save
from bench.settings import STARTS
from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.function import new_function

_FEW, _MANY = 100, 1000

# A no-op has to look at every file; this does that and nothing else.
_READER = """
import hashlib, os, sys
for place, folders, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(place, name), "rb") as file:
            hashlib.sha1(file.read()).hexdigest()
"""


def run() -> dict[str, Any]:
    """Run every command in turn, and return the CPU time of each in milliseconds."""
    work = BUILD / "regenerate"
    shutil.rmtree(work, ignore_errors=True)
    commands = _commands(work)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(STARTS // 2 + 1):
        for name, command in commands.items():
            taken = 1000 * _cpu(command)
            if turn:  # the first turn fills caches of files and of compiled Python
                times[name].append(round(taken, 1))
    shutil.rmtree(work)
    return save("regenerate", {"folders": [_FEW, _MANY], "milliseconds": times, **ratios(times)})


def ratios(times: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return what the targets are about, from the medians."""
    middle = {name: sorted(taken)[len(taken) // 2] for name, taken in times.items()}
    return {
        "nine examples to one": middle["nine examples"] / middle["one example"],
        "many folders to few": middle["many folders"] / middle["few folders"],
        "many folders to reading them": middle["many folders"] / middle["reading many"],
    }


def markdown(figures: Mapping[str, Any]) -> str:
    """Write the section of RESULTS.md."""
    few, many = figures["folders"]
    names = {"few folders": f"{few} folders", "many folders": f"{many:,} folders"}
    names["reading many"] = f"reading and hashing the files of {many:,} folders"
    rows = []
    for name, taken in figures["milliseconds"].items():
        ordered = sorted(taken)
        figure = (ordered[len(ordered) // 2], ordered[0], ordered[-1])
        rows.append((names.get(name, name), *map(number, figure)))
    words = (
        "`kvgen regenerate --check` where nothing would change, as a process of its own: CPU time "
        "of user and system in milliseconds. The folders are of all patterns and languages, each "
        "with a name of its own."
    )
    return f"{words}\n\n" + table(("", "median", "least", "most"), rows)


def _commands(work: Path) -> Mapping[str, Sequence[str]]:
    check = [sys.executable, "-m", "kvgen", "regenerate", "--check"]
    for count in (_FEW, _MANY):
        _scaffold(work / str(count), count)
    return {
        "one example": [*check, str(ROOT / "generated" / "session" / "go")],
        "nine examples": [*check, *map(str, _nine_examples())],
        "few folders": [*check, str(work / str(_FEW))],
        "many folders": [*check, str(work / str(_MANY))],
        "reading many": [sys.executable, "-c", _READER, str(work / str(_MANY))],
    }


def _nine_examples() -> list[Path]:
    """Return the folders of the page's patterns and languages, for which the target was set."""
    patterns, languages = ("session", "cache", "flag"), ("javascript", "python", "go")
    return [ROOT / "generated" / name / la for name in patterns for la in languages]


def _scaffold(place: Path, count: int) -> None:
    """Make folders of all kinds in turn."""
    kinds = [(name, language.name) for name in pattern_names() for language in LANGUAGES]
    for number_ in range(count):
        name, language = kinds[number_ % len(kinds)]
        folder, pattern = place / f"team-{number_ % 10}" / f"{name}-{number_}", load_pattern(name)
        answers = new_function(pattern, language, folder.name, {})
        apply_plan(folder, plan_new(folder, answers))


def _cpu(command: Sequence[str]) -> float:
    """Run a command that has to succeed, and return its seconds of CPU time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    print(markdown(run()))
