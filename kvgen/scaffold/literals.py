"""Text as a literal of a language: the only way for an answer to reach generated code. Pure.

All output is printable ASCII, so that neither an encoding nor a bidirectional mark nor a line
separator that one language knows and another does not can change what a reader sees.
"""

import json as _json
import re
import shlex
from collections.abc import Callable, Mapping

_NAMED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_DOTENV_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


class Literal(str):
    """Text that is fit to be printed into a file as it is."""

    __slots__ = ()


def js(text: str) -> Literal:
    """Quote for JavaScript, with the quotes that Prettier would choose."""
    return _quoted(text, _preferred_quote(text), _NAMED, _utf16_escape)


def py(text: str) -> Literal:
    """Quote for Python, with the quotes and the lower-case escapes that black would choose."""
    return _quoted(text, _preferred_quote(text), _NAMED, _python_escape)


def go(text: str) -> Literal:
    """Quote for Go as an interpreted string."""
    return _quoted(text, '"', _NAMED, _rune_escape)


def toml(text: str) -> Literal:
    """Quote for TOML as a basic string."""
    return _quoted(text, '"', _NAMED, _rune_escape)


def json(text: str) -> Literal:
    """Quote for JSON."""
    # DEL is the one ASCII character that JSON lets through unprinted.
    return Literal(_json.dumps(_without_surrogates(text)).replace("\x7f", "\\u007f"))


def dotenv(text: str) -> Literal:
    """Write as a value of a ``.env`` file: bare where every reader agrees, else single-quoted.

    Raises ValueError where readers of ``.env`` files disagree on the meaning.
    """
    if _DOTENV_PLAIN.fullmatch(text):
        return Literal(text)
    if re.search(r"['\\]", text) or not _printable(text):
        raise ValueError("no quoting of this text means the same to every reader of .env files")
    return Literal(f"'{text}'")


def sh(text: str) -> Literal:
    """Quote as one word for a POSIX shell; ValueError for what is not printable ASCII."""
    if not _printable(text):
        raise ValueError("only printable ASCII is quoted for a shell")
    return Literal(shlex.quote(text))


def code(text: str) -> Literal:
    """Write as a Markdown code span; ValueError for what is not printable ASCII."""
    if not _printable(text) or not text:
        raise ValueError("only printable ASCII is written as a code span")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    # CommonMark drops one space on each side, so padding lets the text begin with a backtick
    # or keep spaces of its own; but it drops none where there is nothing but spaces.
    padding = " " if longest or (text != text.strip() and text.strip()) else ""
    return Literal(f"{fence}{padding}{text}{padding}{fence}")


def _quoted(
    text: str, quote: str, named: Mapping[str, str], escape: Callable[[int], str]
) -> Literal:
    def one(character: str) -> str:
        if character == quote:
            return "\\" + quote
        if character in named:
            return named[character]
        return character if " " <= character <= "~" else escape(ord(character))

    return Literal(quote + "".join(map(one, _without_surrogates(text))) + quote)


def _preferred_quote(text: str) -> str:
    return "'" if text.count('"') > text.count("'") else '"'


def _utf16_escape(point: int) -> str:
    units = chr(point).encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _python_escape(point: int) -> str:
    return f"\\x{point:02x}" if point < 0x100 else _rune_escape(point)


def _rune_escape(point: int) -> str:
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _without_surrogates(text: str) -> str:
    """Return the text, or raise ValueError: half a surrogate pair is no character in any file."""
    if _SURROGATE.search(text):
        raise ValueError("half of a surrogate pair is no character")
    return text


def _printable(text: str) -> bool:
    return all(" " <= character <= "~" for character in text)
