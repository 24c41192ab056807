"""The kinds of options: the rule that an answer of each has to keep. Pure."""

import re
from collections.abc import Callable, Mapping

from kvgen.durations import parse_duration
from kvgen.scaffold.model import Duration, Value

_UUID = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# RFC 9110, 5.6.2; at most 40 characters, so that no line of generated code needs wrapping.
_HTTP_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}"
_PREFIX = r"[a-z0-9-]{1,32}"
_FLAG = r"[A-Za-z0-9_.-]{1,40}"
# RFC 8032, 5.1.5: 32 bytes; in the base64 of RFC 4648, whose last letter has two bits to spare.
_PUBLIC_KEY = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
_ORIGIN = (
    r"https?://"
    r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(:(?P<port>[0-9]{1,5}))?"
    # RFC 3986 allows ' as well, which no reader of .env files takes in the way of another: %27.
    r"(/([A-Za-z0-9._~!$&()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
)
_ORIGIN_LONGEST = 1000

#: Of a legal answer that is not empty.
EXAMPLES = {
    "duration": "24h",
    "duration-or-zero": "5m",
    "header": "X-Session-ID",
    "origin": "https://api.example.com",
    "prefix": "api",
    "flag": "new-ui",
    "cookie": "sid",
    "namespace-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "public-key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
}

# Headers that HTTP or a server gives a meaning to, that the response sets, or that a language
# takes for something else than a name.
_TAKEN_HEADERS = (
    "(?i)__proto__|allow|authorization|cache-control|connection|content-(encoding|length|type)"
    "|cookie|date|expect|host|keep-alive|proxy-(authorization|connection)|retry-after|server"
    "|set-cookie|te|trailer|transfer-encoding|upgrade"
)


def _duration(text: str) -> Duration:
    """A lifetime of 1 s to 10 years: `24h`, `5m`, `90s` or `86400`."""
    return Duration(text, parse_duration(text))


def _duration_or_none(text: str) -> Duration:
    """A lifetime as in `duration`, or 0."""
    return Duration(text, parse_duration(text, minimum=0))


def _namespace_id(text: str) -> str:
    """A UUID, or nothing."""
    if text and not re.fullmatch(_UUID, text):
        raise ValueError("a namespace id is a UUID")
    return text.lower()


def _header(text: str) -> str:
    """The name of an HTTP header that has no meaning of its own."""
    if not re.fullmatch(_HTTP_NAME, text):
        raise ValueError("a header name has 1 to 40 letters, digits and any of !#$%&'*+-.^_`|~")
    if re.fullmatch(_TAKEN_HEADERS, text):
        raise ValueError("HTTP or the server uses this header for something else")
    return text


def _cookie(text: str) -> str:
    """The name of a cookie, or nothing."""
    if text and not re.fullmatch(_HTTP_NAME, text):
        raise ValueError("a cookie name has 1 to 40 letters, digits and any of !#$%&'*+-.^_`|~")
    return text


def _origin(text: str) -> str:
    """http:// or https://, a host, and perhaps a port and a path."""
    match = re.fullmatch(_ORIGIN, text)
    if not match or len(text) > _ORIGIN_LONGEST or int(match["port"] or 1) not in range(1, 65536):
        raise ValueError(
            "an origin is http:// or https://, a host, and perhaps a port and a path, without "
            f"user, query, fragment or quote, in at most {_ORIGIN_LONGEST} characters"
        )
    return text.rstrip("/")


def _prefix(text: str) -> str:
    """1 to 32 of a-z, 0-9 and -."""
    if not re.fullmatch(_PREFIX, text):
        raise ValueError("a prefix has 1 to 32 of a-z, 0-9 and -")
    return text


def _public_key(text: str) -> str:
    """The public half of an Ed25519 key in base64, or nothing."""
    if text and not re.fullmatch(_PUBLIC_KEY, text):
        raise ValueError("a public key is 32 bytes in base64: 44 characters, the last of them =")
    return text


def _flag(text: str) -> str:
    """1 to 40 of A-Z, a-z, 0-9, _, . and -."""
    if not re.fullmatch(_FLAG, text):
        raise ValueError("a flag's name has 1 to 40 of A-Z, a-z, 0-9, _, . and -")
    return text


#: The rules that a pattern.toml can name, each text -> value or ValueError with the rule.
KINDS: Mapping[str, Callable[[str], Value]] = {
    "duration": _duration,
    "cookie": _cookie,
    "duration-or-zero": _duration_or_none,
    "header": _header,
    "namespace-id": _namespace_id,
    "origin": _origin,
    "prefix": _prefix,
    "public-key": _public_key,
    "flag": _flag,
}
