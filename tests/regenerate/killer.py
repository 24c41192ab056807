"""Runs functions in processes that are killed at a chosen point, by SIGKILL.

A small process of its own forks a child for each call, so that a hundred deaths cost no hundred
starts of Python and no test process with threads is forked. The points are the places where Python
asks the system for something: before each file that is opened, linked, renamed or removed, counted
from the first scratch folder that is made.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_EVENTS = ("open", "os.", "shutil.", "fcntl.")


class Killer:
    """A context in which ``run`` calls functions that may not live to their end."""

    def __enter__(self) -> "Killer":
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.regenerate.killer"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def run(self, at: int, function: Callable[..., object], *arguments: object) -> bool:
        """Call a function in a child that is killed at its ``at``-th point; False if it was."""
        assert self._server.stdin
        assert self._server.stdout
        pickle.dump((at, function, arguments), self._server.stdin)
        self._server.stdin.flush()
        status = int(self._server.stdout.readline())
        assert status in (0, -signal.SIGKILL), f"the child failed by itself: {status}"
        return status == 0


def _serve() -> None:
    # Here once, instead of in each child, where each file of a module would be a point.
    import tomlkit  # noqa: F401

    import kvgen.cli.add
    import kvgen.cli.new
    import kvgen.cli.regenerate
    import kvgen.scaffold.add  # noqa: F401

    while True:
        try:
            at, function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from Killer.run
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            _live(at, function, arguments)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _live(at: int, function: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    left, is_at_work = at, False

    def count(event: str, details: object) -> None:
        nonlocal left, is_at_work
        is_at_work = is_at_work or (event == "os.mkdir" and ".kvgen-" in str(details))
        if is_at_work and event.startswith(_EVENTS):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    try:
        function(*arguments)
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
        sys.stderr.flush()
        os._exit(1)
    left = 0
    os._exit(0)


if __name__ == "__main__":
    _serve()
