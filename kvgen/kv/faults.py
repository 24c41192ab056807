"""Faults on purpose, for people who test: which calls fail, how, and how many of them."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Send

from kvgen.errors import InvalidAnswerError
from kvgen.kv import limits

#: The form of a rule, for a help text.
GRAMMAR = "METHOD KEYS: FAULT [SHARE%]"
METHODS = ("GET", "PUT", "DELETE", "LIST", "*")
STATUSES = (429, 500, 503)

_EXAMPLE = "for example --fault 'PUT session/*: 503 5%'"
_RULE = re.compile(r"\s*(\S+)\s+([^\s:]+)\s*:\s*(.+?)(?:\s+([0-9.]+)\s*%)?\s*")
_KEYS = re.compile(r"[-/_=.a-zA-Z0-9]*\*?")
_DELAY = re.compile(r"delay\s+([0-9]+(?:\.[0-9]+)?)\s*(ms|s)")
_LONGEST_DELAY = 600  # seconds
_NOISE = 64  # bytes


class CutConnectionError(Exception):
    """Raised in the middle of a response, for the server to close the connection."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule: what it matches, what happens then, and to which share of the calls, 0 to 1.

    ``kind`` is ``status``, ``delay``, ``cut`` or ``garbage``; a call with a ``status`` is not
    carried out, any other is.
    """

    method: str
    keys: str
    kind: str
    share: float = 1.0
    status: int = 0
    seconds: float = 0.0

    def matches(self, method: str, key: str) -> bool:
        """Whether it is meant for a call; the key of a LIST is the prefix that it asks for."""
        if self.method not in ("*", method):
            return False
        return key.startswith(self.keys[:-1]) if self.keys.endswith("*") else key == self.keys

    def __str__(self) -> str:
        kinds = {"status": str(self.status), "delay": f"delay {self.seconds * 1000:g}ms"}
        share = "" if self.share == 1 else f" {self.share * 100:g}%"
        return f"{self.method} {self.keys}: {kinds.get(self.kind, self.kind)}{share}"


@dataclass(slots=True)
class Rule:
    """A fault that may be switched off for a while."""

    fault: Fault
    is_on: bool = True


class Faults:
    """Rules, asked in their order. The same seed and the same calls give the same faults."""

    def __init__(self, rules: Iterable[Fault] = (), seed: int = 0) -> None:
        self.rules = [Rule(rule) for rule in rules]
        # A test wants to be repeated, not to be safe from guessing.
        self._random = random.Random(seed)  # noqa: S311

    def draw(self, method: str, key: str) -> Fault | None:
        """Return the first rule that matches a call and whose share it falls into."""
        for rule in self.rules:
            fault = rule.fault
            if rule.is_on and fault.matches(method, key) and self._random.random() < fault.share:
                return fault
        return None

    def garbled(self, response: Response) -> Response:
        """Return a response of the same status, with noise for its body."""
        noise = self._random.randbytes(_NOISE)
        return Response(noise, response.status_code, media_type="application/octet-stream")


def parse_fault(text: str) -> Fault:
    """Read a rule such as ``PUT session/*: 503 5%``.

    Raises InvalidAnswerError with what is wrong, what is allowed and an example.
    """
    match = _RULE.fullmatch(text)
    if not match:
        raise _wrong(text, f"a fault is written {GRAMMAR}")
    method, keys, kind, share = match[1].upper(), match[2], match[3], match[4]
    if method not in METHODS:
        raise _wrong(text, f"{match[1]!r} is not one of {', '.join(METHODS)}")
    if not _KEYS.fullmatch(keys) or len(keys) > limits.LONGEST_KEY + 1:
        raise _wrong(text, f"{keys!r} is not a key, and not the beginning of keys followed by *")
    return Fault(method, keys, *_kind(text, kind, _share(text, share)))


def _share(text: str, share: str | None) -> float:
    try:
        percent = float(share or 100)
    except ValueError:
        percent = 0
    if not 0 < percent <= 100:
        raise _wrong(
            text, f"{share!r} is not a share: a share is more than 0 and at most 100 percent"
        )
    return percent / 100


def _kind(text: str, kind: str, share: float) -> tuple[str, float, int, float]:
    """Return the members of a Fault from ``kind`` on."""
    if kind in ("cut", "garbage"):
        return kind, share, 0, 0.0
    if kind in map(str, STATUSES):
        return "status", share, int(kind), 0.0
    if delay := _DELAY.fullmatch(kind):
        seconds = float(delay[1]) / (1000 if delay[2] == "ms" else 1)
        if seconds > _LONGEST_DELAY:
            raise _wrong(text, f"a delay is at most {_LONGEST_DELAY}s")
        return "delay", share, 0, seconds
    allowed = f"{', '.join(map(str, STATUSES))}, cut, garbage, or a delay such as delay 250ms"
    raise _wrong(text, f"{kind!r} is not one of {allowed}")


def _wrong(text: str, problem: str) -> InvalidAnswerError:
    return InvalidAnswerError(f"--fault {text!r}: {problem}", _EXAMPLE)


async def send_half(response: Response, send: Send) -> None:
    """Send the head and half of the body, and raise CutConnectionError."""
    body = bytes(response.body)
    # A response without a body is announced with one, so that it has a middle too.
    length = str(max(1, len(body))).encode()
    headers = [(name, value) for name, value in response.raw_headers if name != b"content-length"]
    start = {"type": "http.response.start", "status": response.status_code}
    await send({**start, "headers": [*headers, (b"content-length", length)]})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    raise CutConnectionError
