"""The one door to the terminal: nothing that is printed can steer it, and printing ends no server.

What a text holds comes from anywhere: a key, a request's target, a file's name. ``printable`` shows
the characters that a terminal would obey; ``echo`` and ``block`` do so by themselves, and colours
are given beside a text rather than in it.
"""

import io
import os
import re
import sys
from typing import Any, NamedTuple, TextIO

import click

from kvgen.cli.failures import discard

# Control characters (C0, DEL, C1), marks and overrides of the writing direction, the separators
# that some terminals take for line ends, and bytes of a name that are not UTF-8.
_CONTROLS = (
    r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
)
_UNPRINTABLE = f"[{_CONTROLS}]"
_UNPRINTABLE_IN_LINES = f"(?![\n\t])[{_CONTROLS}]"


class Styled(NamedTuple):
    """A text, and how ``click.style`` is to show it."""

    text: str
    style: dict[str, Any]


def styled(text: str, **style: Any) -> Styled:
    """Return a part of a line in a colour (``fg``), ``bold`` or ``dim``."""
    return Styled(text, style)


def printable(text: str) -> str:
    r"""Return a text for one line of a terminal: control characters as ``\x1b``, ``\n``, …"""
    if text.isprintable():  # the usual case, which does without compiling the expression
        return text
    return re.sub(_UNPRINTABLE, _escaped, text)


def echo(*parts: str | Styled, err: bool = False, nl: bool = True) -> None:
    """Print one line of some parts, none of which can end it or steer the terminal.

    Where it is too long for the terminal it is broken between words.
    Raises OSError where stdout takes no more, a full disk for one; where it is closed, and for
    stderr, there is nobody to tell and nothing happens.
    """
    _write(_filled("".join(_shown(part) for part in parts), err), err, nl)


def block(
    text: str, *, err: bool = False, nl: bool = True, fill: bool = False, **style: Any
) -> None:
    """Print a text of several lines, whose line ends and tabs stay; raises as ``echo`` does.

    With ``fill`` a line that is too long for the terminal is broken between words.
    """
    text = _filled(text, err) if fill else text
    _write(click.style(re.sub(_UNPRINTABLE_IN_LINES, _escaped, text), **style), err, nl)


def verbatim(line: str, *, err: bool = False, **style: Any) -> None:
    """Print a line of a file: exactly to a pipe, where ``git apply`` may read it.

    On a terminal it is shown as ``block`` shows it. Raises as ``echo`` does.
    """
    stream = sys.stderr if err else sys.stdout
    if stream.isatty():
        line = re.sub(_UNPRINTABLE_IN_LINES, _escaped, line)
    _write(click.style(line, **style), err, nl=True)


def tell(*parts: str | Styled, err: bool = False) -> None:
    """Print one line as ``echo`` does, or not at all: a server goes on without its terminal."""
    try:
        echo(*parts, err=err)
    except OSError:
        return


def tell_block(text: str, **style: Any) -> None:
    """Print a text of several lines to stderr as ``block`` does with ``fill``, or not at all."""
    block(text, err=True, fill=True, **style)


def write_bytes(content: bytes) -> None:
    """Write bytes to stdout as they are, for a file or a pipe; raises as ``echo`` does.

    On a terminal they are shown as ``block`` shows a text.
    """
    if sys.stdout.isatty():
        block(os.fsdecode(content), nl=False)
        return
    pass_on(content)


def pass_on(content: bytes, *, err: bool = False) -> None:
    """Write what the user's own program has printed, colours and all; raises as ``echo`` does."""
    stream = sys.stderr if err else sys.stdout
    try:
        stream.buffer.write(content)
        stream.buffer.flush()
    except OSError:
        discard(stream)
        if not err:
            raise


def prepare() -> None:
    """Make the streams safe to use, before anything is opened or printed.

    What was closed becomes the null device: the next file or socket would take its number, and a
    function that is started would print into that. What an encoding lacks is shown escaped.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # It takes the lowest number that is free, this one; whatever is started has it too.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 - to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_coloured(stream: TextIO | None) -> bool:
    """Whether colours go to a stream: as NO_COLOR or FORCE_COLOR says, else on a terminal.

    https://no-color.org and https://force-color.org; a terminal that is dumb shows none.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return can_redraw(stream)


def can_redraw(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that obeys: one for colours and for bars that grow."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def _filled(text: str, err: bool) -> str:
    from kvgen.cli.wrapping import width_of, wrapped

    return wrapped(text, width_of(sys.stderr if err else sys.stdout))


def _shown(part: str | Styled) -> str:
    if isinstance(part, Styled):
        return click.style(printable(part.text), **part.style)
    return printable(part)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if "\udc80" <= character <= "\udcff":  # a byte, as os.fsdecode has it
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def _write(text: str, err: bool, nl: bool) -> None:
    try:
        colours = is_coloured(sys.stderr if err else sys.stdout)
        click.echo(text, err=err, nl=nl, color=colours)
    except OSError:
        discard(sys.stderr if err else sys.stdout)
        if not err:
            raise
    except ValueError:  # the stream is closed
        return
