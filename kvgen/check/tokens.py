"""Source text as a stream of tokens without comments, each with its line."""

import time
from collections.abc import Sequence
from typing import NamedTuple

_PATIENCE = 5.0  # seconds; some texts take a lexer time that grows with the square of their length


class SlowSourceError(Exception):
    """A source that takes too long to be read."""


class Token(NamedTuple):
    """``kind`` is ``name``, ``text`` (a string, a template, a regular expression) or ``mark``."""

    kind: str
    value: str
    line: int


def javascript(text: str) -> list[Token]:
    """Return the tokens of a JavaScript source; words of the language are names as well.

    Raises SlowSourceError.
    """
    from pygments.lexers import JavascriptLexer

    return _tokens(text, JavascriptLexer())


def typescript(text: str) -> list[Token]:
    """Return the tokens of a TypeScript source; words of the language are names as well.

    Raises SlowSourceError.
    """
    from pygments.lexers import TypeScriptLexer

    return _tokens(text, TypeScriptLexer())


def values(tokens: Sequence[Token], start: int, count: int) -> tuple[str, ...]:
    """Return the values of some tokens in a row, fewer at the end."""
    return tuple(token.value for token in tokens[start : start + count])


def _tokens(text: str, lexer: object) -> list[Token]:
    from pygments.token import Comment, Keyword, Name, String

    found: list[Token] = []
    line, end = 1, time.monotonic() + _PATIENCE
    # `get_tokens` would strip and normalise, and so lose count of the lines.
    for _, kind, value in lexer.get_tokens_unprocessed(text):  # type: ignore[attr-defined]
        if value.strip() and kind not in Comment:
            is_name = kind in Name or kind in Keyword
            what = "text" if kind in String else "name" if is_name else "mark"
            found.append(Token(what, value.strip(), line))
        line += value.count("\n")
        if time.monotonic() > end:
            raise SlowSourceError
    return found
