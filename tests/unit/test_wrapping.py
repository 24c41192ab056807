"""Long lines on a narrow terminal."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvgen.cli.wrapping import wrapped


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("short", 5, ["short"]),
        ("one two three", 9, ["one two", "  three"]),
        ("  a  one two", 9, ["  a  one", "     two"]),
        ("    fix: do it now", 14, ["    fix: do it", "    now"]),
        ("a  b                      far away", 20, ["a  b", "   far away"]),
        ("a_word_that_is_longer then", 9, ["a_word_that_is_longer", "  then"]),
        ("aaaa aaaa  ", 10, ["aaaa aaaa"]),
        ("one two\n\nthree four", 8, ["one two", "", "three", "  four"]),
    ],
)
def test_line_is_broken_between_words_below_its_last_column(text, width, lines):
    assert wrapped(text, width).split("\n") == lines


def test_colours_have_no_width():
    assert wrapped(click.style("one two", fg="red") + " three", 13) == (
        click.style("one two", fg="red") + " three"
    )


def test_text_that_goes_to_no_terminal_stays_whole():
    assert wrapped("word " * 40, None) == "word " * 40


@given(text=st.text(alphabet="ab  \n", max_size=200), width=st.integers(10, 60))
def test_every_word_stays_whole_and_every_line_fits(text, width):
    broken = wrapped(text, width)
    assert broken.split() == text.split()
    longest = max(map(len, text.split()), default=0)
    assert all(len(line) <= max(width, longest + 0.6 * width) for line in broken.split("\n"))
