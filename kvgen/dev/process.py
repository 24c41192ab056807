"""A function as a separate process: start, health check, and stop with its children."""

import asyncio
import contextlib
import os
import random
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h11

from kvgen.dev.events import Printed
from kvgen.dev.output import passed_on
from kvgen.dev.upstream import connect
from kvgen.errors import KvgenError
from kvgen.languages.kept import end_tools, kept
from kvgen.languages.run import Runner, runner_for

_HEALTH_SECONDS = 30.0  # a Python that imports much on a busy machine takes its time
_NOWHERE = (asyncio.subprocess.DEVNULL, asyncio.subprocess.DEVNULL)
_GRACE_SECONDS = 0.5  # after SIGTERM; what is in flight on a laptop can be asked for again


@dataclass(frozen=True, slots=True)
class FunctionProcess:
    """A function that answers on a port of 127.0.0.1; ``ended`` is done with its exit code."""

    port: int
    ended: "asyncio.Task[int]"


@contextlib.asynccontextmanager
async def function_process(
    language: str,
    folder: Path,
    workdir: Path,
    environment: Mapping[str, str],
    on_print: Callable[[Printed], None] | None = None,
) -> AsyncIterator[FunctionProcess]:
    """Build a function, start it, and yield it once it is healthy; it is stopped with the block.

    ``on_print`` gets what the function prints, which is discarded without it. Raises BuildError if
    it does not build, KvgenError if it ends by itself or does not answer /health.
    """
    runner = runner_for(language)
    port = free_port()
    variables = {**environment, **runner.environment(port)}
    with passed_on(on_print) if on_print else contextlib.nullcontext(_NOWHERE) as output:
        try:
            command = await _build(runner, folder, workdir)
            process = await _start(command, folder, variables, output)
        except OSError as error:
            raise KvgenError(f"the function cannot be started: {error}") from None
        ended = asyncio.create_task(_end_of_group(process))
        try:
            await _healthy(ended, port)
            yield FunctionProcess(port, ended)
        finally:
            await asyncio.shield(_stop(process, ended))


async def _build(runner: Runner, folder: Path, workdir: Path) -> Sequence[str]:
    build = asyncio.create_task(asyncio.to_thread(runner.build, folder, workdir))
    try:
        return await asyncio.shield(build)
    except asyncio.CancelledError:
        end_tools()  # the thread, which cannot be cancelled, waits for one of them
        await asyncio.gather(build, return_exceptions=True)
        raise


async def _start(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    output: tuple[int, int],
) -> asyncio.subprocess.Process:
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *kept(command),
            cwd=folder,
            env=environment,
            # Open for as long as kvgen lives, which is what the keeper waits for.
            stdin=asyncio.subprocess.PIPE,
            stdout=output[0],
            stderr=output[1],
            # A group of its own: what the function starts is stopped with it, and a Ctrl-C on the
            # terminal reaches kvgen alone, which then stops things in order.
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cancelled as it starts, it would be killed without what the keeper has just started.
        _kill_group(await starting)
        raise


async def _end_of_group(process: asyncio.subprocess.Process) -> int:
    """Wait for the function's end, and end what it has started; return its exit code.

    At once: later the group's number might be that of somebody else.
    """
    code = await process.wait()
    _kill_group(process)
    return code


async def _healthy(ended: "asyncio.Task[int]", port: int) -> None:
    answered = asyncio.create_task(_answers(port))
    try:
        async with asyncio.timeout(_HEALTH_SECONDS):
            await asyncio.wait({ended, answered}, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        raise KvgenError(
            f"the function did not respond to /health within {_HEALTH_SECONDS:.0f} s",
            "the platform would not send it requests either",
        ) from None
    finally:
        answered.cancel()
    if ended.done():
        raise KvgenError(f"the function ended with exit code {ended.result()} when it started")


async def _answers(port: int) -> None:
    while True:
        with contextlib.suppress(OSError, h11.ProtocolError):
            if await _says_that_it_is_well(port):
                return
        await asyncio.sleep(0.02)


async def _says_that_it_is_well(port: int) -> bool:
    upstream = await connect(port)
    try:
        host = ("Host", f"127.0.0.1:{port}")
        await upstream.send(h11.Request(method="GET", target="/health", headers=[host]))
        await upstream.send(h11.EndOfMessage())
        is_well = False
        while not isinstance(event := await upstream.receive(), h11.EndOfMessage):
            is_well = is_well or (isinstance(event, h11.Response) and event.status_code < 300)
        return is_well
    finally:
        upstream.abort()


async def _stop(process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await asyncio.wait({ended}, timeout=_GRACE_SECONDS)
    if not ended.done():
        _kill_group(process)
    await ended


def _kill_group(process: asyncio.subprocess.Process) -> None:
    # macOS says "not permitted" of a group in which all have ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


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
