"""What a function prints: taken from its pipes as it comes, and reported."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from kvgen.dev.events import Printed

_PIECE = 65_536
_REST_SECONDS = 0.2  # for what is left in the pipes once the function has ended


@contextlib.asynccontextmanager
async def passed_on(
    process: asyncio.subprocess.Process, report: Callable[[Printed], None]
) -> AsyncIterator[None]:
    """Report what the process prints until the end of the block, and what is left then."""
    pumps = [
        asyncio.create_task(_pump(stream, number, report))
        for number, stream in ((1, process.stdout), (2, process.stderr))
        if stream
    ]
    try:
        yield
    finally:
        # What the function has started may hold the pipes open for longer than it lives.
        if pumps:
            await asyncio.wait(pumps, timeout=_REST_SECONDS)
        for pump in pumps:
            pump.cancel()


async def _pump(
    stream: asyncio.StreamReader, number: int, report: Callable[[Printed], None]
) -> None:
    while data := await stream.read(_PIECE):
        report(Printed(number, data))
