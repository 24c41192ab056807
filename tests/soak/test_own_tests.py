"""The tests in a scaffold pass on the oldest Node, and notice every way to break its handler."""

import pytest

from tests.behaviour.hosts import LANGUAGES
from tests.generated.mutants import MUTANTS
from tests.generated.test_own_tests import BROKEN, SCAFFOLDS, assert_noticed, assert_passes


@pytest.mark.parametrize("scaffold", SCAFFOLDS)
def test_scaffold_passes_its_own_tests_on_the_oldest_node(tmp_path, scaffold):
    assert_passes(tmp_path, scaffold, "node18")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scaffold", BROKEN)
def test_scaffold_fails_its_own_tests_however_its_handler_is_broken(tmp_path, scaffold, language):
    assert_noticed(tmp_path, scaffold, language, MUTANTS[scaffold, language])
