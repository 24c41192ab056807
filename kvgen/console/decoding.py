"""What a value is, for a person: an envelope opened, JSON indented, bytes as hex. Pure."""

import base64
import binascii
import json
from typing import Any

from kvgen.kv.envelope import unwrap

_MOST_DUMPED = 16_384  # bytes that are shown as hex
_ROW = 16
_ENTRY = {"status", "headers", "stored_at", "encoding", "body"}  # of the cache's entries


def decoded(content: bytes) -> dict[str, Any]:
    """Return what is in a value.

    ``form`` is ``json``, ``text``, ``binary`` or ``response``, and ``text`` what to show of it;
    ``expires_at`` is the envelope's, or None, and ``value`` the text in it.
    """
    envelope = unwrap(content)
    inner = envelope.value.encode("utf-8", "replace") if envelope else content
    response = _response(inner)
    return {
        "expires_at": envelope.expires_at if envelope else None,
        "value": envelope.value if envelope else None,
        **({"form": "response", "response": response, "text": ""} if response else shown(inner)),
    }


def shown(content: bytes) -> dict[str, Any]:
    """Return the form of some bytes, and the text that shows them."""
    text = _text(content)
    if text is None:
        return {"form": "binary", "text": dump(content)}
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {"form": "text", "text": text}
    if isinstance(value, dict | list):
        return {"form": "json", "text": json.dumps(value, indent=2, ensure_ascii=False)}
    return {"form": "text", "text": text}


def dump(content: bytes) -> str:
    """Return the bytes as rows of an offset, hex and ASCII."""
    rows = []
    for start in range(0, min(len(content), _MOST_DUMPED), _ROW):
        row = content[start : start + _ROW]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(f"{start:06x}  {row.hex(' '):<{_ROW * 3}} {letters}")
    if len(content) > _MOST_DUMPED:
        rows.append(f"… and {len(content) - _MOST_DUMPED:,} more bytes")
    return "\n".join(rows)


def _response(content: bytes) -> dict[str, Any] | None:
    """Return a cached response with its body shown; None for any other content."""
    try:
        entry = json.loads(content)
        if not isinstance(entry, dict) or entry.keys() != _ENTRY:
            return None
        is_text = entry["encoding"] == "utf-8"
        body = entry["body"].encode() if is_text else base64.b64decode(entry["body"], validate=True)
        headers = [[str(name), str(value)] for name, value in entry["headers"]]
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        return None
    members = {name: entry[name] for name in ("status", "stored_at")}
    return {**members, "headers": headers, "body": shown(body)}


def _text(content: bytes) -> str | None:
    """Return the bytes as text, unless they are none."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    is_plain = all(character >= " " or character in "\t\n\r" for character in text)
    return text if is_plain else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
