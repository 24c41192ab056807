"""The properties of `tests/hostile`, each tried with many times the suite's examples."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.amount import FACTOR
from tests.soak.tally import tell

_ROOT = Path(__file__).parents[2]
_TIMES = 50  # 50 rendered examples a language become 2,500


@pytest.mark.parametrize(
    "file", sorted(_ROOT.glob("tests/hostile/test_*.py")), ids=lambda f: f.stem
)
def test_properties_hold_for_thousands_of_examples(file, capsys):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    command.append("--hypothesis-show-statistics")
    environment = os.environ | {FACTOR: str(_TIMES), "COLUMNS": "120"}
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    counts = re.findall(r"(\d+) passing, (\d+) failing", done.stdout)
    failing = sum(int(count) for _, count in counts)
    tries = sum(int(count) for count, _ in counts) + failing
    tell(capsys, f"examples of {file.stem}", tries, [done.stdout] * failing)
    assert done.returncode == 0, done.stdout + done.stderr
