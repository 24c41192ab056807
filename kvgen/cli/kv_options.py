"""What the kv commands share: which KV they mean, and how they open it."""

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kvgen.cli.signals import stoppable
from kvgen.cli.terminal import echo
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.kv import limits
from kvgen.kv.location import database_for, find_folder

if TYPE_CHECKING:
    from kvgen.kv.client import Client

_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")

data_option = click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The database file.  [default: that of the folder that you stand in]",
)


def which_kv(command: _F) -> _F:
    """Add the options that choose a KV; ``opened`` takes their values."""
    command = click.option(
        "--remote", is_flag=True, help="Speak to Telnyx, as the environment says."
    )(command)
    return data_option(command)


@contextlib.asynccontextmanager
async def opened(data: Path | None, remote_too: bool) -> AsyncIterator["Client"]:
    """Open the KV that the options chose."""
    # Imported here: the HTTP client takes a third of the time in which `kv serve` is ready.
    from kvgen.kv.connections import local, remote

    if data and remote_too:
        raise InvalidAnswerError("--data and --remote exclude each other", "leave one of them out")
    async with remote(on_pause=_say_pause) if remote_too else local(database(data)) as client:
        yield client


def _say_pause(status: int, seconds: float) -> None:
    why = "the quota is used up (429)" if status == 429 else "the store failed"
    echo(f"{why}: trying again in {seconds:g} s", err=True)


def database(data: Path | None) -> Path:
    """Return the database that was named, or that of the nearest kvgen.toml."""
    if data:
        return data
    folder = find_folder(Path.cwd())
    if folder is None:
        raise KvgenError(
            "there is no kvgen.toml here or in a folder above, so which KV is meant is not clear",
            "cd into a function's folder, or add --data FILE",
        )
    return database_for(folder)


def run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Run what a command does."""
    import asyncio  # here: to complete a key takes none of it

    return asyncio.run(stoppable(coroutine))


def checked_key(key: str) -> str:
    """Return the key; raises InvalidAnswerError with the rule that it breaks."""
    if problem := limits.key_problem(key):
        raise InvalidAnswerError(
            f"key {key!r}: {problem}", "for example session/abc or flag/new-ui"
        )
    return key
