"""`kvgen demo`: what it shows, and that it leaves nothing behind."""

import os
import re
import signal
import subprocess

from tests.behaviour.hosting import wait_until
from tests.conftest import kvgen_process


def _demo(tmp_path, **environment):
    return kvgen_process(
        ["demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path), **environment},
    )


def test_one_session_is_counted_through_every_language(tmp_path):
    process = _demo(tmp_path)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    counted = re.findall(r"^  (\w+) +GET / +200 .*\"views\": (\d)", output, re.MULTILINE)
    assert counted == [
        ("python", "0"),
        ("javascript", "1"),
        ("typescript", "2"),
        ("go", "3"),
    ]
    assert re.findall(r"X-Flag: (\S+)", output) == ["new-ui=off", "new-ui=on"]
    assert re.findall(r"X-Cache: (\w+)", output) == ["MISS", "HIT", "MISS", "HIT"]
    visits = re.findall(r"Visit number (\d), (\w+) layout", output)
    assert visits == [("1", "old"), ("2", "new")]
    assert list(tmp_path.iterdir()) == []


def test_demo_that_is_stopped_leaves_nothing_behind(tmp_path):
    for number in (signal.SIGINT, signal.SIGTERM):
        process = _demo(tmp_path)
        wait_until(lambda: any(tmp_path.glob("*/session-go-work")), "it did not begin")
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 128 + number
        assert "Traceback" not in errors
        assert list(tmp_path.iterdir()) == []
