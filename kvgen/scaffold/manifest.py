"""A pattern.toml as a Pattern, strictly: what is unknown or missing is named. Pure."""

import re
from collections.abc import Collection, Mapping

from kvgen.errors import InvalidAnswerError
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold import keys
from kvgen.scaffold.answers import check_option
from kvgen.scaffold.common import ALL_COMMON
from kvgen.scaffold.kinds import KINDS
from kvgen.scaffold.model import FirstRequest, Option, Pattern, TemplateFile, Variable, Written
from kvgen.scaffold.tables import (
    Table,
    a_table,
    entries,
    inside,
    only,
    string,
    strings,
    tables,
    truth,
)
from kvgen.scaffold.targets import check_target
from kvgen.scaffold.words import did_you_mean

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
#: Names of files that every function has, or that mean something to a platform.
_TAKEN = ("entry", "func", "handler", "index", "kv")
#: Names of options that the commands have, or that templates know as something else.
_TAKEN_OPTIONS = frozenset(
    {"dry-run", "force", "handler", "help", "json", "language", "name", "package-name", "patterns"}
)
#: What `kvgen dev` can put in a variable's place: nothing, a server, or a key of which it has the
#: other half.
STAND_INS = ("", "origin", "signing-key")
#: Variables that every function has.
_TAKEN_VARIABLES = frozenset({"KV_NAMESPACE_ID", "TELNYX_API_KEY", "TELNYX_BASE_URL"})


def check_pattern_name(name: str) -> None:
    """Raise ValueError for what no pattern can be called."""
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise ValueError(
            f"a pattern cannot be called {name!r}: a name has 1 to 40 of a-z, 0-9 and -, begins "
            f"with a letter, and is none of {', '.join(_TAKEN)}"
        )


def parse_pattern(name: str, manifest: Table) -> Pattern:
    """Read a parsed pattern.toml; raises ValueError that says what is wrong and where."""
    check_pattern_name(name)
    only(manifest, keys.PATTERN, "")
    title, summary, kv_calls, needs = (string(manifest, key, "") for key in keys.TEXTS)
    options = tuple(_option(key, table) for key, table in tables(manifest, "options"))
    names = {option.name: option for option in options}
    for option in options:
        _refuse_unknown(option.instead_of, names, f"options.{option.name}.instead_of")
    variables = tuple(_variable(key, table, names) for key, table in tables(manifest, "env"))
    dependencies = a_table(manifest.get("dependencies", {}), "dependencies")
    only(dependencies, BY_NAME, "dependencies.")
    only(a_table(manifest.get("languages", {}), "languages"), BY_NAME, "languages.")
    languages = {
        language: _written(name, language, table, dependencies.get(language, []), names)
        for language, table in tables(manifest, "languages")
    }
    if not languages:
        raise ValueError(f"no language: it has one of [languages.{'], [languages.'.join(BY_NAME)}]")
    listed = entries(manifest, "first_requests", "", [])
    requests = tuple(_first_request(entry, names) for entry in listed)
    return Pattern(
        name,
        title,
        summary,
        kv_calls,
        needs,
        options=options,
        variables=variables,
        first_requests=requests,
        languages=languages,
    )


def _first_request(entry: object, options: Collection[str]) -> FirstRequest:
    table = (
        {"text": entry} if isinstance(entry, str) else a_table(entry, f"first_requests: {entry!r}")
    )
    only(table, keys.REQUEST, "first_requests.")
    text, when, unless = (
        string(table, key, "first_requests.", None if key == "text" else "") for key in keys.REQUEST
    )
    _refuse_unknown(when, options, "first_requests.when")
    _refuse_unknown(unless, options, "first_requests.unless")
    return FirstRequest(text, when, unless)


def _option(name: str, table: Table) -> Option:
    where = f"options.{name}."
    if not _NAME.fullmatch(name):
        raise ValueError(f"options.{name}: a name has 1 to 40 of a-z, 0-9 and -")
    if name in _TAKEN_OPTIONS or name in [option.name for option in ALL_COMMON]:
        raise ValueError(f"options.{name}: every pattern has an option of this name already")
    only(table, keys.OPTION, where)
    kind = string(table, "kind", where)
    if kind != "choice" and kind not in KINDS:
        every = ", ".join(("choice", *KINDS))
        raise ValueError(f"{where}kind {kind!r}{did_you_mean(kind, KINDS)}; the kinds are {every}")
    choices = tuple(strings(table, "choices", where))
    if kind == "choice" and not choices:
        raise ValueError(f"{where}choices is empty, and a choice has one or more")
    option = Option(
        name,
        kind,
        string(table, "default", where),
        string(table, "help", where),
        choices,
        string(table, "instead_of", where, ""),
    )
    try:
        check_option(option, option.default)
    except InvalidAnswerError as error:
        raise ValueError(f"{where}default: {error}") from None
    return option


def _variable(name: str, table: Table, known: Mapping[str, Option]) -> Variable:
    where = f"env.{name}."
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"env.{name}: a variable's name has 1 to 64 of A-Z, 0-9 and _")
    if name in _TAKEN_VARIABLES:
        raise ValueError(f"env.{name}: every function has a variable of this name already")
    only(table, keys.VARIABLE, where)
    option = string(table, "option", where)
    if option not in known:
        raise ValueError(f"{where}option {option!r} is not an option{did_you_mean(option, known)}")
    stand_in = string(table, "stand_in", where, "")
    if stand_in not in STAND_INS:
        raise ValueError(f"{where}stand_in {stand_in!r} is not one of {', '.join(STAND_INS)}")
    return Variable(name, option, known[option].default, stand_in)


def _written(
    pattern: str, language: str, table: Table, dependencies: object, options: Collection[str]
) -> Written:
    where = f"languages.{language}."
    only(table, keys.LANGUAGE, where)
    if not isinstance(dependencies, list) or not all(isinstance(d, str) for d in dependencies):
        raise ValueError(f"dependencies.{language} is not a list of strings")
    place = f"{pattern}/{language}"
    use = entries(table, "use", where)
    listed = {
        "parts": entries(table, "parts", where),
        "function": entries(table, "function", where),
        "use": use,
        "foreign_use": entries(table, "foreign_use", where, use),
    }
    files = {
        key: tuple(_file(entry, place, f"{where}{key}", options) for entry in found)
        for key, found in listed.items()
    }
    if BY_NAME[language].handler not in [file.target for file in files["function"]]:
        raise ValueError(f"{where}function has no {BY_NAME[language].handler}")
    return Written(
        **files,
        section=_source(place, string(table, "section", where), f"{where}section"),
        dependencies=tuple(dependencies),
    )


def _file(entry: object, place: str, where: str, options: Collection[str]) -> TemplateFile:
    """Read a path, or a table with one and with the option that decides on the file."""
    table = {"source": entry} if isinstance(entry, str) else a_table(entry, f"{where}: {entry!r}")
    only(table, keys.FILE, f"{where}.")
    source = string(table, "source", f"{where}.")
    target = string(table, "target", f"{where}.", source.removesuffix(".j2"))
    when, unless = (string(table, key, f"{where}.", "") for key in ("when", "unless"))
    _refuse_unknown(when, options, f"{where}.when")
    _refuse_unknown(unless, options, f"{where}.unless")
    raw = truth(table, "raw", f"{where}.")
    return TemplateFile(
        _source(place, source, where), check_target(inside(target, where)), when, unless, raw
    )


def _source(place: str, path: str, where: str) -> str:
    return f"{place}/{inside(path, where)}"


def _refuse_unknown(option: str, known: Collection[str], where: str) -> None:
    if option and option not in known:
        every = f"the options are {', '.join(known)}" if known else "there are no options"
        raise ValueError(
            f"{where} {option!r} is not an option{did_you_mean(option, known)}; {every}"
        )
