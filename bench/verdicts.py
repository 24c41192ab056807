"""The targets, each beside what was measured."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Figures = dict[str, Any]


class Target(NamedTuple):
    """What was measured in one run, and its bound."""

    name: str
    value: float
    bound: float
    is_least: bool


LANGUAGES = {
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "python": "Python",
    "go": "Go",
}
_TIMES_THE_PAGE = {"python": 50, "javascript": 2, "typescript": 2, "go": 1.35}
_TIMES_THE_FLOOR = 1.3
_READS_TIMES_MINIFLARES, _WRITES_TIMES_MINIFLARES = 7, 8
_MEGABYTES = 128
_FLAT_CPU = 1.25  # what a tree that is two levels deeper may cost
_FLAT = 1.1  # what memory may grow by once all that is kept has been seen


def rows(runs: Sequence[Mapping[str, Figures]]) -> list[tuple[str, str, str, str]]:
    """Return what was measured, as the runs' median and range, the bound, and yes or no."""
    values: dict[str, list[Target]] = {}
    for figures in runs:
        for target in _targets(figures):
            values.setdefault(target.name, []).append(target)
    return [_row(targets) for targets in values.values()]


def spread(values: Sequence[float]) -> str:
    """Write the median of some values, and their range where there are several."""
    middle = f"{statistics.median(values):.3g}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.3g} to {max(values):.3g})"


def _row(targets: Sequence[Target]) -> tuple[str, str, str, str]:
    name, _, bound, is_least = targets[0]
    values = [target.value for target in targets]
    middle = statistics.median(values)
    is_met = middle >= bound if is_least else middle <= bound
    wanted = f"at {'least' if is_least else 'most'} {bound:g}"
    return name, spread(values), wanted, "yes" if is_met else "**no**"


def _targets(figures: Mapping[str, Figures]) -> Iterator[Target]:
    """Yield what one run says of each target."""
    if "startup" in figures:
        yield from _startup(figures["startup"])
    if "regenerate" in figures:
        yield from _regenerate(figures["regenerate"])
    if "functions" in figures:
        yield from _functions(figures["functions"])
    if "instances" in figures:
        yield from _instances(figures["instances"])
    if "kv" in figures:
        yield from _kv(figures["kv"])


def cell(
    functions: Figures,
    pattern: str,
    language: str,
    side: str,
    *,
    connections: int = 16,
    delay: int = 0,
) -> Figures:
    """Find the figures of one side under one load."""
    wanted = (pattern, language, side, connections, delay)
    names = ("pattern", "language", "side", "connections", "delay")
    found: Figures = next(
        cell for cell in functions["cells"] if tuple(cell[name] for name in names) == wanted
    )
    return found


def measured(functions: Figures) -> dict[str, str]:
    """Return the titles of the languages that there are figures of, by name."""
    found = {cell["language"] for cell in functions["cells"]}
    return {name: title for name, title in LANGUAGES.items() if name in found}


def sessions(functions: Figures, language: str, side: str) -> float:
    """Return the sessions a second of one side, at 16 connections and without a delay."""
    return float(cell(functions, "session", language, side)["per_second"])


def calls(kv: Figures, kind: str, store: str) -> float:
    """Return the reads or writes a second of a KV, at 16 connections."""
    turns = kv["at 16 connections"][kind][store]
    return float(statistics.median(turn["per_second"] for turn in turns))


def _startup(startup: Figures) -> Iterator[Target]:
    medians = {name: times["median"] for name, times in startup.items()}
    for name in ("kvgen --help", "kvgen --version"):
        yield _most(
            f"`{name}`, times `import click`", medians[name] / medians["import click"], 1.25
        )
    for name in ("kvgen new", "kvgen list"):
        ratio = medians[name] / medians["floor"]
        yield _most(f"`{name}`, times the floor", ratio, _TIMES_THE_FLOOR)
    for peer, times in (("cookiecutter", 2), ("copier", 4)):
        yield _least(
            f"`kvgen new`, times as fast as {peer}", medians[peer] / medians["kvgen new"], times
        )


def _regenerate(regenerate: Figures) -> Iterator[Target]:
    few, many = regenerate["folders"]
    check = "`kvgen regenerate --check`"
    yield _most(f"{check}: nine examples, times one", regenerate["nine examples to one"], 1.5)
    yield _most(
        f"{check}: {many:,} folders, times {few}",
        regenerate["many folders to few"],
        1.1 * many / few,
    )
    yield _most(
        f"{check}: {many:,} folders, times reading and hashing their files",
        regenerate["many folders to reading them"],
        3,
    )


def _functions(functions: Figures) -> Iterator[Target]:
    for language, title in measured(functions).items():
        page, own, limit = (
            sessions(functions, language, side) for side in ("page", "kvgen", "limit")
        )
        times = _TIMES_THE_PAGE[language]
        yield _least(f"session, {title}: requests a second, times the page's", own / page, times)
        part = own / limit
        yield _least(f"session, {title}: requests a second, part of the limit", part, 0.7)
    slow = {"connections": 16, "delay": 20}
    (trip,) = (t for t in functions["trips"] if all(t[name] == slow[name] for name in slow))
    for language, title in measured(functions).items():
        p99 = cell(functions, "session", language, "kvgen", **slow)["p99"]
        name = f"session, {title}: p99 with the KV at 20 ms, times the round trips alone"
        yield _most(name, p99 / trip["p99"], 1.15)


def _instances(instances: Figures) -> Iterator[Target]:
    for each in instances["memory"]:
        title = f"memory, {LANGUAGES[each['language']]}"
        yield _most(
            f"{title}: megabytes after {instances['requests']:,} requests",
            each["early"],
            _MEGABYTES,
        )
        yield _most(
            f"{title}: after twice as many, times that", each["late"] / each["early"], _FLAT
        )


def _kv(kv: Figures) -> Iterator[Target]:
    for kind in kv["at 16 connections"]:
        own, peer = (calls(kv, kind, name) for name in ("kvgen", "miniflare"))
        bound = _READS_TIMES_MINIFLARES if kind == "reads" else _WRITES_TIMES_MINIFLARES
        yield _least(f"embedded KV: {kind} a second, times Miniflare's", own / peer, bound)
    ready = statistics.median(kv["start"]["kvgen"])
    yield _most("embedded KV: seconds from its start to its first answer", ready, 0.35)
    growth = kv["growth"]
    for kind, costs in growth["microseconds of CPU a call"].items():
        name = f"embedded KV: CPU of {kind} with {growth['many']:,} keys, times {growth['few']:,}"
        yield _most(name, costs["ratio"], _FLAT_CPU)
    memory = kv["memory"]
    yield _most(
        f"embedded KV: memory after {memory['writes']:,} writes, times a tenth of them",
        memory["MB after all"] / memory["MB after a tenth"],
        _FLAT,
    )


def _most(name: str, value: float, bound: float) -> Target:
    return Target(name, value, bound, is_least=False)


def _least(name: str, value: float, bound: float) -> Target:
    return Target(name, value, bound, is_least=True)
