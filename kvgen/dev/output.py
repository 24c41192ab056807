"""What a function prints: taken from its pipes as it comes, and reported.

The pipes are kvgen's own: asyncio takes a process with pipes of its making for alive until whatever
the process has started has closed them as well.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator

from kvgen.dev.events import Printed

_PIECE = 65_536  # bytes, as many as a pipe holds


@contextlib.contextmanager
def passed_on(report: Callable[[Printed], None]) -> Iterator[tuple[int, int]]:
    """Yield the ends that are to be a process's stdout and stderr until the end of the block.

    What is left in the pipes then is reported too.
    """
    loop = asyncio.get_running_loop()
    pipes = {number: os.pipe() for number in (1, 2)}
    for number, (source, _) in pipes.items():
        os.set_blocking(source, False)
        loop.add_reader(source, _read, source, number, report)
    try:
        yield pipes[1][1], pipes[2][1]
    finally:
        for number, (source, sink) in pipes.items():
            loop.remove_reader(source)
            _read(source, number, report)
            os.close(source)
            os.close(sink)


def _read(source: int, number: int, report: Callable[[Printed], None]) -> None:
    with contextlib.suppress(BlockingIOError):
        report(Printed(number, os.read(source, _PIECE)))
