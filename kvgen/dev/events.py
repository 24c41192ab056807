"""What `kvgen dev` has to say while it runs."""

from collections.abc import Callable
from dataclasses import dataclass

from kvgen.dev.tap import Answered
from kvgen.errors import KvgenError
from kvgen.kv.app import Call


@dataclass(frozen=True, slots=True)
class PortTaken:
    """The usual port is in use, and another one is taken instead."""

    port: int
    instead: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The console's page is there, at this address, before the function is."""

    url: str


@dataclass(frozen=True, slots=True)
class Printed:
    """The function has printed something: to its stdout (1) or its stderr (2)."""

    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """The function answers; the first time, and then after each reload."""

    url: str
    kv_url: str
    is_reload: bool


@dataclass(frozen=True, slots=True)
class StoodIn:
    """A stand-in of this kind has taken the place of a variable's value."""

    variable: str
    kind: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """An event could not be sent to the function."""

    error: KvgenError


@dataclass(frozen=True, slots=True)
class Remarked:
    """What a language has to say before a start: of the toolchain, or of what takes long."""

    remark: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Files have changed, and the function is being restarted."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unwatched:
    """A folder below the function's cannot be read, so changes in it go unnoticed."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The function does not run: what was said, and whether an earlier one still answers."""

    error: KvgenError
    still_serving: bool


Event = (
    PortTaken
    | Opened
    | Ready
    | StoodIn
    | NotSent
    | Remarked
    | Changed
    | Unwatched
    | Broken
    | Printed
    | Answered
    | Call
)
Report = Callable[[Event], None]
