"""Functions as processes: started, measured from outside, and stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.places import BUILD
from kvgen.languages.run import runner_for

_TICK = os.sysconf("SC_CLK_TCK")
_PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Command:
    """What starts a function; built once, started as often as is wanted."""

    language: str
    folder: Path
    arguments: Sequence[str]


@dataclass(frozen=True)
class Running:
    """A function that answers on a port of 127.0.0.1; ``seconds`` is how long that took."""

    port: int
    pid: int
    seconds: float

    def cpu(self) -> float:
        """Return the seconds of CPU time that it has taken so far, its children's included."""
        return sum(_ticks(pid) for pid in _family(self.pid)) / _TICK

    def memory(self) -> float:
        """Return its resident memory in MB, its children's included."""
        return sum(_resident(pid) for pid in _family(self.pid)) / 1e6


def build(language: str, folder: Path) -> Command:
    """Prepare a folder as `kvgen dev` does: the same hosts for all sides."""
    workdir = BUILD / "hosts" / f"{folder.parent.name}-{folder.name}"
    workdir.mkdir(parents=True, exist_ok=True)
    return Command(language, folder, runner_for(language).build(folder, workdir))


@contextlib.contextmanager
def running(command: Command, environment: Mapping[str, str]) -> Iterator[Running]:
    """Start a function and yield it once it answers /health with 200."""
    port = _free_port()
    variables = runner_for(command.language).environment(port)
    start = time.perf_counter()
    process = subprocess.Popen(
        command.arguments,
        cwd=command.folder,
        # Whatever the project's own Python was given stays out; the PATH leads to the tools.
        env={"PATH": os.environ["PATH"], "HOME": str(BUILD), **environment, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _is_healthy(port):
            if process.poll() is not None or time.perf_counter() - start > _PATIENCE:
                raise SystemExit(f"{command.folder} does not start")
            time.sleep(0.001)
        seconds = time.perf_counter() - start
        if process.poll() is not None:
            raise SystemExit(f"{command.folder} lost its port to another program; try again")
        yield Running(port, process.pid, seconds)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_healthy(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return connection.recv(12).endswith(b" 200")
    except OSError:
        return False


def _family(pid: int) -> list[int]:
    with contextlib.suppress(FileNotFoundError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *(each for child in children for each in _family(int(child)))]
    return []


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
