"""Variables of a function that are still placeholders, and what stands in for each kind."""

import contextlib
from collections.abc import Mapping, MutableMapping
from typing import NamedTuple

from kvgen.dev.events import Report, StoodIn
from kvgen.dev.signing import SigningKey
from kvgen.dev.stand_in import stand_in_origin

ORIGIN, SIGNING_KEY = "origin", "signing-key"


class Placeholder(NamedTuple):
    """A value that is a placeholder, and the kind of its stand-in."""

    value: str
    kind: str


class StandIns:
    """Stand-ins, made when they are first needed; ``close`` ends the servers among them.

    A ``key`` that is given stands in for any other, as it is the one that signs.
    """

    def __init__(
        self, placeholders: Mapping[str, Placeholder], key: SigningKey | None, report: Report
    ) -> None:
        self._placeholders, self._key, self._report = placeholders, key, report
        self._serving = contextlib.AsyncExitStack()
        self._values: dict[str, str] = {}
        self._said: set[str] = set()

    async def fill(self, environment: MutableMapping[str, str]) -> None:
        """Put values in the place of placeholders."""
        for variable, (value, kind) in self._placeholders.items():
            is_replaced = kind == SIGNING_KEY and self._key
            if is_replaced or environment.get(variable, value) == value:
                environment[variable] = await self._value(kind)
                if variable not in self._said:
                    self._said.add(variable)
                    self._report(StoodIn(variable, kind))

    async def close(self) -> None:
        """Stop what serves."""
        await self._serving.aclose()

    async def _value(self, kind: str) -> str:
        if kind not in self._values:
            self._values[kind] = await self._made(kind)
        return self._values[kind]

    async def _made(self, kind: str) -> str:
        if kind == SIGNING_KEY:
            return (self._key or SigningKey()).public
        return await self._serving.enter_async_context(stand_in_origin())
