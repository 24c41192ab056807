"""Which tests share a worker: those of a file and host, so that each function is started once.

Marks would do (`--dist loadgroup`), but pytest 9 does not tell xdist 3.8 what they say.
"""

import re

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.behaviour.hosts import HOSTS

_RUNNING = re.compile(r"tests/(behaviour|console|edits|foreign|pasted)/(\w+)\.py")


class _ByFileAndHost(LoadScopeScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        file = _RUNNING.match(nodeid)
        if not file:
            return nodeid
        hosts = [part for part in re.split(r"[\[\]-]", nodeid) if part in HOSTS]
        # Tests with several hosts need the functions of all of them.
        return f"{file[2]} {hosts[0]}" if len(hosts) == 1 else file[2]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _ByFileAndHost(config, log)
