"""The resources of a running function, as the kernel sees them: memory, sockets, goroutines."""

import contextlib
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.behaviour.hosting import Function, wait_until

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Resources:
    """Resident bytes, open sockets, and goroutines where the host can tell, else 0."""

    memory: int
    sockets: int
    goroutines: int

    def __str__(self) -> str:
        goroutines = f", {self.goroutines} goroutines" if self.goroutines else ""
        return f"{self.memory / _MIB:.0f} MiB, {self.sockets} sockets{goroutines}"


def measure(function: Function) -> Resources:
    """Ask the kernel about a function, and a Go function under the Knative host about itself."""
    process = Path(f"/proc/{function.process.pid}")
    resident = re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())
    assert resident, "the process has gone"
    goroutines = _goroutines(function) if function.host.name == "knative" else 0
    return Resources(int(resident[1]) * 1024, _sockets(process), goroutines)


def most_sockets(pattern: str, connections: int) -> int:
    """Return how many may stay open: as many as there were clients, to each that is asked."""
    return connections * (2 if pattern == "cache" else 1) + 10


def settled(function: Function, sockets: int) -> Resources:
    """Measure once no more sockets than that are open, or in the end with as many as there are.

    Hypercorn lets go of a client that has left only after five seconds.
    """
    with contextlib.suppress(AssertionError):
        wait_until(lambda: measure(function).sockets <= sockets, "they stay open")
    return measure(function)


def _sockets(process: Path) -> int:
    count = 0
    for descriptor in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed while we look
            count += os.readlink(descriptor).startswith("socket:")
    return count


def _goroutines(function: Function) -> int:
    mark = len(function.log())
    function.process.send_signal(signal.SIGUSR1)
    said = re.compile(r"goroutines: (\d+)\n")
    wait_until(lambda: said.search(function.logged_since(mark)), "the host did not answer")
    found = said.search(function.logged_since(mark))
    assert found
    return int(found[1])
