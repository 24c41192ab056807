"""The tests in a scaffold notice every way in which its handler is broken on purpose."""

import pytest

from tests.behaviour.hosts import LANGUAGES
from tests.generated.mutants import MUTANTS
from tests.generated.test_own_tests import BROKEN, assert_noticed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scaffold", BROKEN)
def test_scaffold_fails_its_own_tests_however_its_handler_is_broken(tmp_path, scaffold, language):
    assert_noticed(tmp_path, scaffold, language, MUTANTS[scaffold, language])
