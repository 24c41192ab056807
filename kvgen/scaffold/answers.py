"""Checks what the user said against a pattern's options. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from kvgen.errors import InvalidAnswerError
from kvgen.languages.describe import LANGUAGES
from kvgen.languages.language import Language
from kvgen.scaffold.kinds import EXAMPLES, KINDS
from kvgen.scaffold.model import Option, Value
from kvgen.scaffold.words import did_you_mean, shown

# platform.md: 1 to 64 letters, digits and dashes, no dash at either end.
_NAME = r"[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?"


def check_options(
    options: Sequence[Option], given: Mapping[str, str], where: str = "--", whose: str = ""
) -> dict[str, Value]:
    """Check the texts given for some options; what is not given takes its default.

    Returns a value for each of the options, "" for one that another is given instead of. ``where``
    comes before an option's name in messages: ``--`` on the command line. ``whose`` follows
    "unknown option".

    Raises InvalidAnswerError with the rule, the value and an example.
    """
    known = {option.name: option for option in options}
    for unknown in given.keys() - known.keys():
        raise InvalidAnswerError(
            f"unknown option {shown(unknown)}{whose}{did_you_mean(unknown, known)}",
            f"the options are {', '.join(known)}",
        )
    _refuse_both(options, given, where)
    values = {
        option.name: check_option(option, given.get(option.name, option.default), where)
        for option in options
    }
    replaced = [option.instead_of for option in options if values[option.name]]
    return values | {name: "" for name in replaced if name}


def _refuse_both(options: Sequence[Option], given: Mapping[str, str], where: str) -> None:
    for option in options:
        if option.instead_of in given and given.get(option.name):
            one, other = f"{where}{option.instead_of}", f"{where}{option.name}"
            raise InvalidAnswerError(
                f"{one} {shown(given[option.instead_of])} and {other} {shown(given[option.name])}: "
                "only one of the two can be given",
                f"leave out {one} or {other}",
            )


@lru_cache(maxsize=512)  # the functions of a run have most of their answers in common
def check_option(option: Option, text: str, where: str = "--") -> Value:
    """Check one answer; raises InvalidAnswerError with the rule, the value and an example."""
    try:
        if option.kind == "choice":
            return _choice(text, option.choices)
        return KINDS[option.kind](text)
    except ValueError as error:
        value = example_of(option)
        example = f"--{option.name} {value}" if where == "--" else f'{option.name} = "{value}"'
        raise InvalidAnswerError(
            f"{where}{option.name} {shown(text)}: {error}", f"for example {example}"
        ) from None


def example_of(option: Option) -> str:
    """Return a legal answer, the default where it has a value."""
    return option.default or (option.choices[0] if option.choices else EXAMPLES[option.kind])


def check_name(name: str, where: str = "--") -> str:
    """Check a function's name as the platform does; raises InvalidAnswerError."""
    if not re.fullmatch(_NAME, name):
        raise InvalidAnswerError(
            f"{where}name {shown(name)}: a name has 1 to 64 of A-Z, a-z, 0-9 and -, "
            "and no - at either end",
            "without --name the folder's name is used; for example --name session-store",
        )
    return name


def check_language(text: str) -> Language:
    """Find a language by its name or an alias, in any case; raises InvalidAnswerError."""
    for language in LANGUAGES:
        if text.lower() in (language.name, *language.aliases):
            return language
    names = [language.name for language in LANGUAGES]
    every = [name for language in LANGUAGES for name in (language.name, *language.aliases)]
    raise InvalidAnswerError(
        f"unknown language {shown(text)}{did_you_mean(text, every)}",
        f"the languages are {', '.join(names)}",
    )


def _choice(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ValueError(f"it is one of {', '.join(choices)}{did_you_mean(text, choices)}")
    return text
