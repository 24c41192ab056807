"""Checks a package.json against what the platform's builder reads in it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kvgen.check.finding import Finding
from kvgen.check.positions import json_line
from kvgen.check.rules import broken
from kvgen.check.sources import Sources
from kvgen.scaffold.words import shown

PACKAGE = "package.json"


class Member(NamedTuple):
    """A member that has to have one value, by its rule; ``key`` may be one of ``scripts``."""

    rule: str
    key: str
    right: str


def check_package(
    sources: Sources, rules: str, members: tuple[Member, ...], oldest_node: int
) -> Iterator[Finding]:
    """Yield what is wrong with package.json; ``rules`` is the prefix of the rules' names."""
    text = sources.text(PACKAGE)
    rule = f"{rules}-package"
    if text is None:
        if not sources.has(PACKAGE):
            yield broken(rule, PACKAGE, None, "does not exist", "npm init makes one")
        return
    try:
        package = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        yield broken(rule, PACKAGE, line, f"is not JSON: {error}", "correct the line")
        return
    if not isinstance(package, dict):
        yield broken(rule, PACKAGE, 1, "is not a JSON object", "npm init makes one")
        return
    yield from _check_members(package, text, members)
    yield from _check_engine(package, text, f"{rules}-engine", oldest_node)


def read_package(sources: Sources) -> Mapping[str, Any]:
    """Return what package.json says; nothing if it cannot be read."""
    try:
        package = json.loads(sources.text(PACKAGE) or "{}")
    except (ValueError, RecursionError):
        return {}
    return package if isinstance(package, dict) else {}


def member_of(package: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a member that is an object; an empty one for any other."""
    found = package.get(key, {})
    return found if isinstance(found, dict) else {}


def _check_members(
    package: Mapping[str, Any], text: str, members: tuple[Member, ...]
) -> Iterator[Finding]:
    for rule, key, right in members:
        name = key.removeprefix("scripts.")
        value = member_of(package, "scripts").get(name) if name != key else package.get(key)
        if value != right and not (key == "main" and value == f"./{right}"):
            what = "is missing" if value is None else f"is {shown(str(value))}"
            fix = f'it has to be "{name}": "{right}"'
            yield broken(rule, PACKAGE, json_line(text, name), f"{key} {what}", fix)


def _check_engine(
    package: Mapping[str, Any], text: str, rule: str, oldest: int
) -> Iterator[Finding]:
    node = member_of(package, "engines").get("node")
    line = json_line(text, "node") if node is not None else json_line(text, "engines")
    fix = f'it has to be "node": ">={oldest}"'
    if not isinstance(node, str) or not (majors := _majors(node)):
        message = "engines.node is missing" if node is None else f"engines.node is {node!r}"
        yield broken(rule, PACKAGE, line, message, fix)
    elif min(majors) > oldest:
        yield broken(
            rule, PACKAGE, line, f"engines.node {shown(node)} leaves out Node {oldest}", fix
        )


def _majors(text: str) -> list[int]:
    """Return the first number of each version in a range: ``[18, 20]`` for ``^18.2 || >=20``."""
    return [int(major) for major in re.findall(r"(?<![\d.])(\d{1,6})(?:\.[\dx*]+)*", text)]
