"""The shortest, longest and strangest legal answers, which break generated code first. Pure."""

from collections.abc import Iterator, Mapping

from kvgen.scaffold.common import COMMON_OPTIONS
from kvgen.scaffold.model import Option, Pattern

#: For each kind of option, answers that make lines shortest, longest, or full of quotes.
EXTREMES: Mapping[str, tuple[str, str, str]] = {
    "duration": ("1", "315360000", "3601s"),
    "duration-or-zero": ("0", "315360000", "1s"),
    "cookie": ("", "W" * 40, "__Host-`'!#$%&*+.^_|~"),
    "header": ("x", "X-" + "W" * 38, "`'!#$%&*+.^_|~"),
    "origin": ("http://a", "https://a.example/" + "w" * 900, "https://a/$&()*+,;=:@!~%27"),
    "prefix": ("a", "w" * 32, "-"),
    "flag": ("a", "W" * 40, "._-"),
    "public-key": ("", "w" * 42 + "w=", "/+" * 21 + "8="),
    "namespace-id": ("", "ffffffff-ffff-ffff-ffff-ffffffffffff", ""),
}
_NAMES = ("a", "W" * 64, "a-1")


def extremes(pattern: Pattern) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield names with answers: the defaults, then the ends of each rule, in each choice."""
    yield f"{pattern.name}-default", {}
    for number, name in enumerate(_NAMES):
        options = (*pattern.options, *COMMON_OPTIONS)
        given = {option.name: _extreme(option, number) for option in options}
        replaced = [option.instead_of for option in pattern.options if given[option.name]]
        yield name, {option: text for option, text in given.items() if option not in replaced}
    for option in pattern.options:
        if option.instead_of:  # with default answers otherwise
            yield f"{pattern.name}-{option.name}", {option.name: "sid"}


def _extreme(option: Option, number: int) -> str:
    if option.choices:
        return option.choices[number % len(option.choices)]
    return EXTREMES[option.kind][number]
