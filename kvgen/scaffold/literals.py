"""Text as a literal of a format that all languages share; a language's own are in its package.

A literal filter is the only way for an answer to reach a generated file. Pure.
"""

import json as _json
import re
import shlex

from kvgen.quoting import Literal, quoted, rune_escape, without_surrogates

_DOTENV_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


def toml(text: str) -> Literal:
    """Quote for TOML as a basic string."""
    return quoted(text, '"', rune_escape)


def json(text: str) -> Literal:
    """Quote for JSON."""
    # DEL is the one ASCII character that JSON lets through unprinted.
    return Literal(_json.dumps(without_surrogates(text)).replace("\x7f", "\\u007f"))


def dotenv(text: str) -> Literal:
    """Write as a value of a ``.env`` file: bare where every reader agrees, else single-quoted.

    Raises ValueError where readers of ``.env`` files disagree on the meaning.
    """
    if _DOTENV_PLAIN.fullmatch(text):
        return Literal(text)
    if re.search(r"['\\]", text) or not _printable(text):
        raise ValueError("readers of .env files do not agree on how to quote this text")
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
    # CommonMark drops one space on each side, so padding lets the text begin or end with a
    # backtick, or keep spaces of its own; but it drops none where there is nothing but spaces.
    is_touching = text.startswith("`") or text.endswith("`")
    padding = " " if is_touching or (text != text.strip() and text.strip()) else ""
    return Literal(f"{fence}{padding}{text}{padding}{fence}")


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()
