"""What the kv commands share: which KV they mean, and how they open it."""

import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from kvgen.cli.signals import stoppable
from kvgen.cli.terminal import echo
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.kv import limits
from kvgen.kv.location import database_for, find_folder
from kvgen.kv.redis_url import checked_url

if TYPE_CHECKING:
    from kvgen.kv.client import Client
    from kvgen.kv.stores import Place

_T = TypeVar("_T")

_LEAVE_OUT = "leave one of them out"

data_option = click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The database file.  [default: that of the current folder]",
)
store_option = click.option(
    "--store",
    metavar="URL",
    help="Keep the data in Redis or Valkey instead: redis://HOST:PORT/DB, rediss:// or unix://.",
)


class Which(NamedTuple):
    """The KV that the options choose."""

    data: Path | None
    store: str | None
    remote: bool


def which_kv(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose a KV; the command gets them as ``which``, for ``opened``."""

    @functools.wraps(command)
    def choosing(data: Path | None, store: str | None, remote: bool, **options: Any) -> None:
        command(which=Which(data, store, remote), **options)

    remote = click.option(
        "--remote", is_flag=True, help="Use Telnyx KV, with the settings in the environment."
    )
    return data_option(store_option(remote(choosing)))


@contextlib.asynccontextmanager
async def opened(which: Which) -> AsyncIterator["Client"]:
    """Open the KV that the options chose."""
    # Imported here: the HTTP client takes a third of the time in which `kv serve` is ready.
    from kvgen.kv.endpoints import local, remote

    if which.remote and (which.data or which.store):
        other = "--data" if which.data else "--store"
        raise InvalidAnswerError(
            f"{other} and --remote exclude each other", "leave one of them out"
        )
    kv = remote(on_pause=_say_pause) if which.remote else local(place_of(which.data, which.store))
    async with kv as client:
        yield client


def _say_pause(status: int, seconds: float) -> None:
    why = "the quota is used up (429)" if status == 429 else "the store failed"
    echo(f"{why}: trying again in {seconds:g} s", err=True)


def named_place(data: Path | None, store: str | None) -> "Place | None":
    """Return the place that the options name, if they do."""
    if data and store:
        raise InvalidAnswerError("--data and --store exclude each other", _LEAVE_OUT)
    return checked_url(store) if store else data


def place_of(data: Path | None, store: str | None) -> "Place":
    """Return the place that the options name, or that of the nearest kvgen.toml."""
    return named_place(data, store) or database()


def database() -> Path:
    """Return the database of the nearest kvgen.toml."""
    folder = find_folder(Path.cwd())
    if folder is None:
        raise KvgenError(
            "there is no kvgen.toml here or in a folder above, so it is not clear which KV to use",
            "cd into a function's folder, or add --data FILE or --store URL",
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
