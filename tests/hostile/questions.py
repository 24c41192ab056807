"""Answers for `kvgen new`: fully legal, or illegal."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.common import COMMON_OPTIONS
from kvgen.scaffold.model import Option
from tests.hostile.texts import FRAGMENTS, hostile

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_TEN_YEARS = 315_360_000  # seconds

# The rules as the design has them, written down again: not those of the code that is tested.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}")
_PREFIX = re.compile("[a-z0-9-]{1,32}")
_FLAG = re.compile("[A-Za-z0-9_.-]{1,40}")
_PUBLIC_KEY = st.binary(min_size=32, max_size=32).map(lambda raw: b64encode(raw).decode())
_NAME = re.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?|\[[0-9a-f:]{2,20}\]")
_PATH = re.compile(r"(/([A-Za-z0-9._~!$&()*+,;=:@/-]|%[0-9A-Fa-f]{2}){0,30}){0,4}")
_HTTPS_OWN = {"te", "date", "host", "allow", "cookie", "expect", "upgrade"}


@dataclass(frozen=True)
class Question:
    """An answer to each option as text, and the function's name; what is absent was not said."""

    pattern: str
    name: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, object]:
        """What each option means, said or not: see `meaning`; "" for one that another replaces."""
        options = options_of(self.pattern)
        texts = {o.name: self.options.get(o.name, o.default) for o in options}
        replaced = {o.instead_of for o in options if texts[o.name]}
        return {o.name: "" if o.name in replaced else meaning(o, texts[o.name]) for o in options}


def options_of(pattern: str) -> tuple[Option, ...]:
    """Return the options of a pattern, and those of every function."""
    return (*load_pattern(pattern).options, *COMMON_OPTIONS)


def meaning(option: Option, text: str) -> object:
    """Return what generated code holds for an answer that was taken: text, seconds or truth."""
    if option.kind.startswith("duration"):
        digits, unit = re.fullmatch("([0-9]+)([smhd]?)", text).groups()  # type: ignore[union-attr]
        return int(digits) * _UNITS[unit]
    if option.choices == ("off", "on"):
        return text == "on"
    return {"origin": text.rstrip("/"), "namespace-id": text.lower()}.get(option.kind, text)


def _exactly(rule: re.Pattern[str]) -> st.SearchStrategy[str]:
    return st.from_regex(rule, fullmatch=True)


@st.composite
def _durations(draw, least):
    unit = draw(st.sampled_from(list(_UNITS)))
    count = draw(st.integers(least, _TEN_YEARS // _UNITS[unit]))
    return "0" * draw(st.integers(0, 9 - len(str(count)))) + f"{count}{unit}"


@st.composite
def _origins(draw):
    port = draw(st.none() | st.integers(1, 65_535))
    host = draw(_exactly(_HOST)) + ("" if port is None else f":{port}")
    return draw(st.sampled_from(["http://", "https://"])) + host + draw(_exactly(_PATH))


_LEGAL: Mapping[str, st.SearchStrategy[str]] = {
    "duration": _durations(1),
    "duration-or-zero": _durations(0),
    "header": _exactly(_TOKEN).filter(lambda text: text.lower() not in _HTTPS_OWN),
    "cookie": st.just("") | _exactly(_TOKEN),
    "origin": _origins(),
    "prefix": _exactly(_PREFIX),
    "flag": _exactly(_FLAG),
    "public-key": st.just("") | _PUBLIC_KEY,
    "namespace-id": st.just("") | st.uuids().map(str) | st.uuids().map(lambda u: str(u).upper()),
}
names = _exactly(_NAME)


def legal(option: Option) -> st.SearchStrategy[str]:
    """Answers that have to be taken, up to the ends of the rule."""
    return st.sampled_from(option.choices) if option.choices else _LEGAL[option.kind]


@st.composite
def nearly(draw, good: st.SearchStrategy[str]):
    """Draw an answer that somebody put something into that does not belong there."""
    text, odd = draw(good), draw(st.sampled_from(FRAGMENTS))
    place = draw(st.sampled_from([0, len(text)]) | st.integers(0, len(text)))
    return text[:place] + odd + text[place:]


def _odd(good: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # One or the other as often, where `|` would count all that `hostile` is made of.
    return st.booleans().flatmap(lambda is_near: nearly(good) if is_near else hostile)


@st.composite
def questions(draw, hostile_options: bool = False):
    """Questions with legal answers, some not given; or with at least one of them hostile."""
    pattern = draw(st.sampled_from(pattern_names()))
    options = options_of(pattern)
    given = {o.name: draw(legal(o)) for o in options if draw(st.integers(0, 3))}
    for option in options:
        if option.instead_of in given and given.get(option.name):
            del given[draw(st.sampled_from([option.instead_of, option.name]))]
    name = draw(names)
    if hostile_options:
        spoilt = draw(st.sets(st.sampled_from(["name", *(o.name for o in options)]), min_size=1))
        for option in options:
            if option.name in spoilt:
                given[option.name] = draw(_odd(legal(option)))
        name = draw(_odd(names)) if "name" in spoilt else name
    return Question(pattern, name, given)


#: Every sign that a rule allows, in one answer each.
WITH_EVERY_SIGN = (
    Question("session", "a-1", {"header": "`'!#$%&*+-.^_|~", "ttl": "000000001d"}),
    Question("session", "b", {"cookie": "`'!#$%&*+-.^_|~", "namespace-id": ""}),
    Question("cache", "A", {"origin": "http://[::1]:1/$a$(b)&*+,;=:@!~._-%27//", "prefix": "-a0"}),
    Question("webhook", "k", {"public-key": "/+" * 21 + "8=", "tolerance": "1h", "dedupe": "3d"}),
    Question("flag", "0", {"flag": "-._Aa0", "refresh": "0d", "default": "on", "expiry": "both"}),
)
