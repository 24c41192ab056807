"""What everything was measured with."""

import os
import platform
import subprocess
from datetime import date
from importlib import metadata

from bench.places import peers, save
from kvgen.languages.toolchains import find_go, find_node


def run() -> dict[str, str]:
    """Return versions by name, the count of processors, and the day."""
    packages = ("click", "jinja2", "aiohttp", "func-python", "hypercorn", "httpx")
    return save(
        "versions",
        {
            "kvgen": metadata.version("kvgen"),
            "Python": platform.python_version(),
            "Node": _output(str(find_node()), "--version").removeprefix("v"),
            "Go": _output(str(find_go()), "env", "GOVERSION").removeprefix("go"),
            **{name: metadata.version(name) for name in packages},
            **{name: _peer(name) for name in ("cookiecutter", "copier")},
            platform.system(): f"on {os.cpu_count()} cores of {platform.machine()}",
            "date": date.today().isoformat(),
        },
    )


def _peer(name: str) -> str:
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return _output(str(peers() / "python"), "-c", code)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
