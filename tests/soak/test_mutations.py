"""The behaviour suite notices each bug that is put into a generated file, or it is said why not."""

import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.soak.mutations import Mutant, mutants

_ROOT = Path(__file__).parents[2]
_AT_ONCE = 2
_LONGEST = 300  # seconds for one run of the suite, whole where nothing is noticed


@pytest.fixture(scope="session")
def outcomes(request):
    """Run the suite against every mutant that was selected, two at a time; what came of each."""
    chosen = [
        item.callspec.params["mutant"]
        for item in request.session.items
        if hasattr(item, "callspec") and "mutant" in item.callspec.params
    ]
    with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {mutant: pool.submit(_run, mutant) for mutant in chosen}
        pool.shutdown(cancel_futures=True)


def _run(mutant: Mutant) -> tuple[bool, str]:
    """Run the suite until a test fails; returns whether one did, and what was printed."""
    asked = {name: value for name, value in asdict(mutant).items() if name != "survives"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=line", "--no-header"]
    command += ["-p", "tests.behaviour.mutant", "-p", "no:cacheprovider", "tests/behaviour"]
    with subprocess.Popen(
        command,
        cwd=_ROOT,
        env=os.environ | {"KVGEN_TEST_MUTANT": json.dumps(asked)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            output, _ = process.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # so that it ends what it has started
            output, _ = process.communicate()
    return _is_noticed(mutant, process.returncode, output), output


def _is_noticed(mutant: Mutant, status: int, output: str) -> bool:
    """Whether a test failed; a mutant that does not even start is a mistake of its own."""
    summary = output.splitlines()[-1]
    assert status in (0, 1), f"{mutant}: {output}"
    assert "error" not in summary, f"{mutant} does not start: {output}"
    assert re.search("[0-9]+ (passed|failed)", summary), f"{mutant}: {output}"
    return status == 1


@pytest.mark.parametrize("mutant", list(mutants()), ids=str)
def test_suite_notices_the_mutant_or_it_is_said_why_not(outcomes, mutant):
    is_noticed, output = outcomes[mutant].result()
    if mutant.survives is None:
        assert is_noticed, f"no test notices\n{output}"
    else:
        assert not is_noticed, f"this is noticed now, and need not survive\n{output}"
