"""A function as a process of its own: started, asked for its health, stopped with its like."""

import asyncio
import contextlib
import os
import random
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from kvgen.errors import KvgenError
from kvgen.languages.run import runner_for

_HEALTH_SECONDS = 30.0  # a Python that imports much on a busy machine takes its time
_GRACE_SECONDS = 0.5  # after SIGTERM; what is in flight on a laptop can be asked for again


@dataclass(frozen=True, slots=True)
class FunctionProcess:
    """A function that answers on a port of 127.0.0.1."""

    port: int
    process: asyncio.subprocess.Process


@contextlib.asynccontextmanager
async def function_process(
    language: str,
    folder: Path,
    workdir: Path,
    environment: Mapping[str, str],
    output: int | None = None,
) -> AsyncIterator[FunctionProcess]:
    """Build a function, start it, and yield it once it is healthy; it is stopped with the block.

    ``output`` is where its stdout and stderr go, as for a subprocess. Raises BuildError where it
    does not build, KvgenError where it ends by itself or does not answer /health.
    """
    runner = runner_for(language)
    command = await asyncio.to_thread(runner.build, folder, workdir)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**environment, **runner.environment(port)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        # A group of its own: what the function starts is stopped with it, and a Ctrl-C on the
        # terminal reaches kvgen alone, which then stops things in order.
        start_new_session=True,
    )
    try:
        await _healthy(process, port)
        yield FunctionProcess(port, process)
    finally:
        await asyncio.shield(_stop(process))


async def _healthy(process: asyncio.subprocess.Process, port: int) -> None:
    ended = asyncio.create_task(process.wait())
    answered = asyncio.create_task(_answers(port))
    try:
        async with asyncio.timeout(_HEALTH_SECONDS):
            await asyncio.wait({ended, answered}, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        raise KvgenError(
            f"the function did not answer /health within {_HEALTH_SECONDS:.0f} s",
            "the platform would send it no requests either",
        ) from None
    finally:
        ended.cancel()
        answered.cancel()
    if process.returncode is not None:
        raise KvgenError(f"the function ended with exit code {process.returncode} as it started")


async def _answers(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await http.get(f"http://127.0.0.1:{port}/health")).is_success:
                    return
            await asyncio.sleep(0.02)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
    # The whole group, also when its head is gone: it may have started others.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens.

    It is below those that systems take for outgoing connections by themselves: one of these might
    take it in the moment before the function does.
    """
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - so that two who ask differ
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
