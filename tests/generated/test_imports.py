"""What a Python function imports as it starts: time to the first answer, held by name."""

import subprocess
import sys
from pathlib import Path

import pytest

_GENERATED = Path(__file__).parents[2] / "generated"


@pytest.mark.parametrize("pattern", ["cache", "flag", "session"])
def test_python_starts_without_the_http_client_and_loads_it_then(pattern):
    code = """
import asyncio, sys
from function import new

async def main():
    function = new()
    assert "aiohttp" not in sys.modules
    function.start({})
    while not hasattr(sys.modules.get("aiohttp"), "ClientSession"):
        await asyncio.sleep(0.001)

asyncio.run(asyncio.wait_for(main(), 30))
"""
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=_GENERATED / pattern / "python",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
