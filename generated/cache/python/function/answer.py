"""Answers of the origin: as they are stored, and as responses."""

import base64
import re
import time
from dataclasses import dataclass
from typing import Any

from function.http import HEADER_VALUE, Response
from function.strict_json import encode_json, is_integer, parse_json

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")

# Headers that are about one connection or one moment, not about the answer.
PASSING = {
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "date",
    "server",
    "age",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; header names are lower-case, ``stored_at`` is in milliseconds."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    stored_at: float = 0


def is_kept(name: str) -> bool:
    """Tell whether a header, by its lower-case name, is passed on and kept."""
    return name not in PASSING and not name.startswith("proxy-")


def to_response(answer: Answer, verdict: str) -> Response:
    """Make a response of an answer: HIT, MISS or BYPASS."""
    headers = [(name, value) for name, value in answer.headers if name != "x-cache"]
    headers.append(("X-Cache", verdict))
    if verdict == "HIT":
        age = (time.time() * 1000 - answer.stored_at) // 1000
        headers.append(("Age", str(max(0, int(age)))))
    return {"status": answer.status, "headers": headers, "body": answer.body}


def encode_entry(answer: Answer, stored_at: int) -> str:
    """Write an answer as it is stored, which is the same in every language."""
    try:
        encoding, body = "utf-8", answer.body.decode("utf-8")
    except UnicodeDecodeError:
        encoding, body = "base64", base64.b64encode(answer.body).decode()
    entry = {
        "status": answer.status,
        "headers": answer.headers,
        "stored_at": stored_at,
        "encoding": encoding,
        "body": body,
    }
    return encode_json(entry)


def parse_entry(text: str) -> Answer | None:
    """Read a stored answer; None for any other text."""
    try:
        entry = parse_json(text)
        if not _is_entry(entry):
            return None
        body = _decode_body(entry["encoding"], entry["body"])
    except ValueError:
        return None
    headers = [(name, value) for name, value in entry["headers"]]
    return Answer(int(entry["status"]), headers, body, entry["stored_at"])


def _decode_body(encoding: str, body: str) -> bytes:
    if encoding == "utf-8":
        # Half of a surrogate pair has no UTF-8.
        return re.sub("[\ud800-\udfff]", "\ufffd", body).encode("utf-8")
    content = base64.b64decode(body, validate=True)
    if base64.b64encode(content).decode() != body:
        raise ValueError("not the one way to write these bytes")
    return content


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and is_integer(entry.get("status"))
        and 200 <= entry["status"] <= 599
        and is_integer(entry.get("stored_at"))
        and isinstance(entry.get("headers"), list)
        and all(_is_header(header) for header in entry["headers"])
        and entry.get("encoding") in ("utf-8", "base64")
        and isinstance(entry.get("body"), str)
    )


def _is_header(header: Any) -> bool:
    return (
        isinstance(header, list)
        and len(header) == 2
        and all(isinstance(part, str) for part in header)
        and HEADER_NAME.fullmatch(header[0]) is not None
        and HEADER_VALUE.fullmatch(header[1]) is not None
        and is_kept(header[0])
    )
