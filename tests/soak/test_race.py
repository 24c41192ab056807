"""The Go scaffolds' own tests under the race detector, which needs a C compiler."""

import os
import shutil
import subprocess

import pytest

from kvgen.languages.toolchains import find_go
from tests.behaviour.conftest import scaffolded

_SCAFFOLDS = {
    "session": ("session",),
    "cookie": ("session", "--cookie", "sid"),
    "cache": ("cache",),
    "flag": ("flag",),
    "webhook": ("webhook",),
}


@pytest.mark.parametrize("options", _SCAFFOLDS.values(), ids=_SCAFFOLDS)
def test_scaffold_has_no_data_race(tmp_path, options):
    assert shutil.which("gcc"), "go test -race needs gcc: install it to run the soak"
    pattern, *more = options
    folder = scaffolded(tmp_path / "function", pattern, "go", *more)
    done = subprocess.run(
        [find_go(), "test", "-race", "-count=2", "./..."],
        cwd=folder,
        env=os.environ | {"CGO_ENABLED": "1", "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
