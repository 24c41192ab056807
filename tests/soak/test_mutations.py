"""The behaviour suite notices each bug that is put into a function."""

import concurrent.futures
import multiprocessing

import pytest

from tests.soak.mutations import mutants
from tests.soak.suite import noticed

_AT_ONCE = 2


@pytest.fixture(scope="session")
def outcomes(request):
    """Run the suite against every mutant that was selected, two at a time; what came of each."""
    chosen = [
        item.callspec.params["mutant"]
        for item in request.session.items
        if hasattr(item, "callspec") and "mutant" in item.callspec.params
    ]
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(_AT_ONCE, context) as pool:
        yield {mutant: pool.submit(noticed, mutant) for mutant in chosen}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("mutant", list(mutants()), ids=str)
def test_suite_notices_the_mutant(outcomes, mutant):
    failed, output = outcomes[mutant].result()
    assert failed, f"no test notices\n{output}"
