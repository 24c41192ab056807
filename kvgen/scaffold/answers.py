"""Checks what the user said against a pattern's options. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence

from kvgen.durations import parse_duration
from kvgen.errors import InvalidAnswerError
from kvgen.languages.describe import LANGUAGES
from kvgen.languages.language import Language
from kvgen.scaffold.model import Duration, Option, Value
from kvgen.scaffold.words import did_you_mean, shown

# platform.md: 1 to 64 letters, digits and dashes, no dash at either end.
_NAME = r"[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?"
_UUID = r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# RFC 9110, 5.6.2; at most 40 characters, so that no line of generated code needs wrapping.
_HTTP_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}"
_PREFIX = r"[a-z0-9-]{1,32}"
_FLAG = r"[A-Za-z0-9_.-]{1,40}"
_ORIGIN = (
    r"https?://"
    r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(:(?P<port>[0-9]{1,5}))?"
    # RFC 3986 allows ' as well, which no reader of .env files takes in the way of another: %27.
    r"(/([A-Za-z0-9._~!$&()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
)
_ORIGIN_LONGEST = 1000

# For kinds whose default is empty.
_EXAMPLES = {"cookie": "sid", "namespace-id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}

# Headers that HTTP or a server gives a meaning to, that the response sets, or that a language
# takes for something else than a name.
_TAKEN_HEADERS = (
    "(?i)__proto__|allow|authorization|cache-control|connection|content-(encoding|length|type)"
    "|cookie|date|expect|host|keep-alive|proxy-(authorization|connection)|retry-after|server"
    "|set-cookie|te|trailer|transfer-encoding|upgrade"
)


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
    return option.default or _EXAMPLES[option.kind]


def check_name(name: str, where: str = "--") -> str:
    """Check a function's name as the platform does; raises InvalidAnswerError."""
    if not re.fullmatch(_NAME, name):
        raise InvalidAnswerError(
            f"{where}name {shown(name)}: a name has 1 to 64 letters, digits and dashes, "
            "and no dash at either end",
            "without --name the folder's name is taken; for example --name session-store",
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


def _duration(text: str) -> Duration:
    return Duration(text, parse_duration(text))


def _duration_or_none(text: str) -> Duration:
    return Duration(text, parse_duration(text, minimum=0))


def _choice(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ValueError(f"it is one of {', '.join(choices)}{did_you_mean(text, choices)}")
    return text


def _namespace_id(text: str) -> str:
    if text and not re.fullmatch(_UUID, text):
        raise ValueError("a namespace id is a UUID")
    return text.lower()


def _header(text: str) -> str:
    if not re.fullmatch(_HTTP_NAME, text):
        raise ValueError("a header name has 1 to 40 letters, digits and any of !#$%&'*+-.^_`|~")
    if re.fullmatch(_TAKEN_HEADERS, text):
        raise ValueError("this header has a meaning of its own for HTTP or for a server")
    return text


def _cookie(text: str) -> str:
    if text and not re.fullmatch(_HTTP_NAME, text):
        raise ValueError("a cookie name has 1 to 40 letters, digits and any of !#$%&'*+-.^_`|~")
    return text


def _origin(text: str) -> str:
    match = re.fullmatch(_ORIGIN, text)
    if not match or len(text) > _ORIGIN_LONGEST or int(match["port"] or 1) not in range(1, 65536):
        raise ValueError(
            "an origin is http:// or https://, a host, and perhaps a port and a path, without "
            f"user, query, fragment or quote, in at most {_ORIGIN_LONGEST} characters"
        )
    return text.rstrip("/")


def _prefix(text: str) -> str:
    if not re.fullmatch(_PREFIX, text):
        raise ValueError("a prefix has 1 to 32 of a-z, 0-9 and -")
    return text


def _flag(text: str) -> str:
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
    "flag": _flag,
}
