"""The embedded KV for as long as it takes; SOAK in the environment scales the counts, usually 1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kv.conftest import KEY, served
from tests.kv.crashing import crash_and_check
from tests.kv.describing import hold_to_description
from tests.kv.redis_server import RedisServer
from tests.kv.restarting import restart_and_check
from tests.soak.tally import tell

_SCALE = float(os.environ.get("SOAK", "1"))
_LOAD = Path(__file__).parents[2] / "bench" / "kv" / "load.py"


def _scaled(count: int) -> int:
    return max(1, round(count * _SCALE))


def test_acknowledged_writes_survive_a_hundred_kills(tmp_path, capsys):
    times = _scaled(100)
    written = crash_and_check(tmp_path / "kv.db", times, seed=2)
    tell(capsys, f"KV writes that were acknowledged, under {times} kills", written, [])
    assert written >= times * 10


def test_acknowledged_writes_survive_thirty_kills_of_redis(tmp_path, capsys):
    redis = RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    with served(redis.url()) as one, served(redis.url()) as two, served(redis.url()) as three:
        times = _scaled(30)
        written = restart_and_check(redis, [one, two, three], times, seed=2)
    redis.kill()
    tell(capsys, f"the same in Redis, under {times} kills of that", written, [])
    assert written >= times * 50


@pytest.mark.parametrize("seed", range(2))
def test_every_answer_is_as_described_whatever_is_asked(tmp_path, seed):
    with served(tmp_path / "kv.db", "--api-key", KEY) as kv:
        hold_to_description(kv, tmp_path, examples=_scaled(1000), seed=seed)


def _write(kv, keys, count):
    requests = [
        {
            "method": "PUT",
            "target": f"{keys}/{number}",
            "headers": {"Authorization": f"Bearer {KEY}"},
            "body": "x" * 100,
        }
        for number in range(1000)
    ]
    command = [sys.executable, str(_LOAD), kv.url.removeprefix("http://"), "--requests", str(count)]
    done = subprocess.run(
        command, input=json.dumps(requests), capture_output=True, text=True, check=True
    )
    assert sum(json.loads(done.stdout)["statuses"].values()) == count


def _memory(kv):
    """Return what the server holds in memory, in KiB."""
    shown = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(kv.process.pid)], capture_output=True, text=True, check=True
    )
    return int(shown.stdout)


def test_memory_and_file_stay_as_they_are_over_a_million_writes(tmp_path):
    with served(tmp_path / "kv.db") as kv:
        keys = kv.namespace()
        _write(kv, keys, _scaled(100_000))
        memory = _memory(kv)
        _write(kv, keys, _scaled(900_000))
        assert _memory(kv) <= memory * 1.1
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 32 * 1_048_576
