"""The properties of `tests/hostile`, each tried with many times the suite's examples."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.amount import FACTOR

_ROOT = Path(__file__).parents[2]
_TIMES = 25  # 100 rendered examples a language become 2,500


@pytest.mark.parametrize(
    "file", sorted(_ROOT.glob("tests/hostile/test_*.py")), ids=lambda f: f.stem
)
def test_properties_hold_for_thousands_of_examples(file):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    environment = os.environ | {FACTOR: str(_TIMES), "COLUMNS": "120"}
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
