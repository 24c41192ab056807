"""Checks what the user said against a pattern's options. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping

from kvgen.durations import parse_duration
from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.model import LANGUAGES, Answers, Duration, Language, Option, Pattern, Value

#: Options that every pattern has, after its own.
COMMON_OPTIONS = (
    Option(
        "expiry",
        "choice",
        "envelope",
        "How lifetimes are stored: in an envelope around the value, by the store itself, or both.",
        ("envelope", "native", "both"),
    ),
    Option("namespace-id", "namespace-id", "", "UUID of the KV namespace, once you have one."),
)

# platform.md: 1 to 64 letters, digits and dashes, no dash at either end.
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# RFC 9110, 5.6.2; at most 40 characters, so that no line of generated code needs wrapping.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}")
_PREFIX = re.compile(r"[a-z0-9-]{1,32}")
_FLAG = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_ORIGIN = re.compile(
    r"https?://"
    r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(:(?P<port>[0-9]{1,5}))?"
    # RFC 3986 allows ' as well, which no reader of .env files takes in the way of another: %27.
    r"(/([A-Za-z0-9._~!$&()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
)
_ORIGIN_LONGEST = 1000

# Headers that HTTP itself gives a meaning to or that the answer sets.
_TAKEN_HEADERS = re.compile(
    "allow|authorization|cache-control|connection|content-(encoding|length|type)|cookie|date"
    "|expect|host|keep-alive|proxy-(authorization|connection)|retry-after|set-cookie|te|trailer"
    "|transfer-encoding|upgrade",
    re.IGNORECASE,
)


def check_answers(
    pattern: Pattern, language: str, name: str, given: Mapping[str, str], where: str = "--"
) -> Answers:
    """Check a name and the given option texts; what is not given takes its default.

    ``where`` comes before an option's name in messages: ``--`` on the command line.

    Raises InvalidAnswerError with the rule, the value and an example.
    """
    known = {option.name: option for option in pattern.options}
    for unknown in given.keys() - known.keys():
        raise InvalidAnswerError(
            f"unknown option {shown(unknown)} of the pattern {pattern.name!r}"
            + did_you_mean(unknown, known),
            f"the options are {', '.join(known)}",
        )
    values = {
        option.name: check_option(option, given.get(option.name, option.default), where)
        for option in pattern.options
    }
    return Answers(pattern.name, language, check_name(name, where), values)


def check_option(option: Option, text: str, where: str = "--") -> Value:
    """Check one answer; raises InvalidAnswerError with the rule, the value and an example."""
    try:
        if option.kind == "choice":
            return _choice(text, option.choices)
        return KINDS[option.kind](text)
    except ValueError as error:
        value = option.default or "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
        example = f"--{option.name} {value}" if where == "--" else f'{option.name} = "{value}"'
        raise InvalidAnswerError(
            f"{where}{option.name} {shown(text)}: {error}", f"for example {example}"
        ) from None


def check_name(name: str, where: str = "--") -> str:
    """Check a function's name as the platform does; raises InvalidAnswerError."""
    if not _NAME.fullmatch(name):
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


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` where something known is close, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(text, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def shown(text: str) -> str:
    """Quote a value for a message: what does not print made visible, cut after 60 characters."""
    return repr(text if len(text) <= 60 else text[:60] + "…")


def _duration(text: str) -> Duration:
    return Duration(text, parse_duration(text))


def _duration_or_none(text: str) -> Duration:
    return Duration(text, parse_duration(text, minimum=0))


def _choice(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ValueError(f"it is one of {', '.join(choices)}{did_you_mean(text, choices)}")
    return text


def _namespace_id(text: str) -> str:
    if text and not _UUID.fullmatch(text):
        raise ValueError("a namespace id is a UUID")
    return text.lower()


def _header(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError("a header name has 1 to 40 letters, digits and any of !#$%&'*+-.^_`|~")
    if _TAKEN_HEADERS.fullmatch(text):
        raise ValueError("this header has a meaning of its own in HTTP")
    return text


def _origin(text: str) -> str:
    match = _ORIGIN.fullmatch(text)
    if not match or len(text) > _ORIGIN_LONGEST or int(match["port"] or 1) not in range(1, 65536):
        raise ValueError(
            "an origin is http:// or https://, a host, and perhaps a port and a path, without "
            f"user, query, fragment or quote, in at most {_ORIGIN_LONGEST} characters"
        )
    return text.rstrip("/")


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise ValueError("a prefix has 1 to 32 of a-z, 0-9 and -")
    return text


def _flag(text: str) -> str:
    if not _FLAG.fullmatch(text):
        raise ValueError("a flag's name has 1 to 40 of A-Z, a-z, 0-9, _, . and -")
    return text


#: The rules that a pattern.toml can name, each text -> value or ValueError with the rule.
KINDS: Mapping[str, Callable[[str], Value]] = {
    "duration": _duration,
    "duration-or-zero": _duration_or_none,
    "header": _header,
    "namespace-id": _namespace_id,
    "origin": _origin,
    "prefix": _prefix,
    "flag": _flag,
}
