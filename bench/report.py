"""RESULTS.md and the charts, from what lies in results/; run by itself it draws them anew."""

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench import charts, verdicts
from bench.places import HERE, RESULTS

TITLES = {"javascript": "JavaScript", "python": "Python", "go": "Go"}

# Public prices in US dollars, read in autumn 2026; what is free each month is left out.
# https://developers.telnyx.com/docs/edge-compute/kv/pricing, …/edge-compute/platform/pricing
PRICES = {"GET": 0.35, "PUT": 3.50, "DELETE": 3.50, "request": 0.21, "cpu_ms": 0.014}  # a million

Figures = dict[str, Any]


def write() -> None:
    """Write RESULTS.md and charts/ from the parts that have been measured."""
    figures = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}
    sections = [(HERE / "introduction.md").read_text().strip(), *_sections(figures)]
    (HERE / "RESULTS.md").write_text("\n\n".join(sections) + "\n")
    (HERE / "charts").mkdir(exist_ok=True)
    for name, svg in _charts(figures).items():
        (HERE / "charts" / f"{name}.svg").write_text(svg)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table: the first column to the left, the others to the right."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruler, *rows))


def number(value: float) -> str:
    """Write a figure with three digits that count, and no more."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _sections(figures: Mapping[str, Figures]) -> Iterator[str]:
    yield f"Measured with {_versions(figures['versions'])}."
    yield "## Targets\n\n" + table(
        ("target", "measured", "wanted", "met"), list(verdicts.rows(figures))
    )
    if startup := figures.get("startup"):
        yield _commands(startup)
    if regenerate := figures.get("regenerate"):
        yield "## Regeneration\n\n" + _part("bench.regenerate", regenerate)
    if functions := figures.get("functions"):
        yield from _functions(functions)
    if instances := figures.get("instances"):
        yield _instances(instances)
    if profiles := figures.get("profiles"):
        yield _profiles(profiles)
    if kv := figures.get("kv"):
        yield "## The embedded KV\n\n" + _part("bench.kv.compare", kv)


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _commands(startup: Figures) -> str:
    rows = [(f"`{name}`", *map(number, times.values())) for name, times in startup.items()]
    return (
        "## Commands\n\nMilliseconds of a whole process, and the middle half of its runs.\n\n"
        + table(("command", "median", "from", "to"), rows)
    )


def _functions(functions: Figures) -> Iterator[str]:
    yield (
        "## Generated functions\n\nA session, loaded over kept connections with the KV answering "
        "after a delay: the documentation page's code, kvgen's, and the limit. CPU is milliseconds "
        "a request, p99 milliseconds, spread that of kvgen's turns around their median."
    )
    for language, title in TITLES.items():
        yield f"### {title}\n\n" + _sessions(functions, language)
    yield "### Cache hits and flags\n\nAt 16 connections, without a delay.\n\n" + _others(functions)
    yield "### What it costs\n\n" + _costs(functions)


def _sessions(functions: Figures, language: str) -> str:
    rows = []
    for trip in functions["trips"]:
        at = {"delay": trip["delay"], "connections": trip["connections"]}
        page, own, limit = (
            verdicts.cell(functions, "session", language, side, **at)
            for side in ("page", "kvgen", "limit")
        )
        rows.append(
            (
                f"{at['delay']} ms, {at['connections']}",
                *(number(side["per_second"]) for side in (page, own, limit)),
                f"{100 * own['spread']:.0f} %",
                *(number(side["cpu_ms"]) for side in (page, own, limit)),
                *(number(side["p99"]) for side in (page, own, limit, trip)),
            )
        )
    head = ("KV, connections", "req/s page", "kvgen", "limit", "spread", "CPU page", "kvgen")
    return table((*head, "limit", "p99 page", "kvgen", "limit", "trips alone"), rows)


def _others(functions: Figures) -> str:
    rows = []
    for pattern in ("cache", "flag"):
        for language, title in TITLES.items():
            sides = [
                verdicts.cell(functions, pattern, language, side)
                for side in ("page", "kvgen", "limit")
            ]
            figures = [*(side["per_second"] for side in sides), *(side["cpu_ms"] for side in sides)]
            rows.append((f"{pattern}, {title}", *map(number, figures)))
    head = ("", "req/s page", "kvgen", "limit", "CPU page", "kvgen", "limit")
    return table(head, rows)


def _costs(functions: Figures) -> str:
    rows = []
    for pattern in ("session", "cache", "flag"):
        for language, title in TITLES.items():
            own = verdicts.cell(functions, pattern, language, "kvgen")
            calls = {name: round(own[name], 2) for name in ("GET", "PUT", "DELETE")}
            kv = sum(PRICES[name] * count for name, count in calls.items())
            cpu = PRICES["cpu_ms"] * own["cpu_ms"]
            shown = " + ".join(f"{count:g} {name}" for name, count in calls.items() if count)
            total = kv + PRICES["request"] + cpu
            dollars = (kv, PRICES["request"], cpu, total)
            rows.append((f"{pattern}, {title}", shown, *(f"${price:.3f}" for price in dollars)))
    head = ("", "KV calls a request", "KV", "requests", "CPU", "a million requests")
    return (
        "KV calls are counted by the stand-in for the KV. Prices are the public ones for [KV]"
        "(https://developers.telnyx.com/docs/edge-compute/kv/pricing) and [functions]"
        "(https://developers.telnyx.com/docs/edge-compute/platform/pricing), read in autumn 2026, "
        "without what is free each month. CPU time is this machine's.\n\n" + table(head, rows)
    )


def _instances(instances: Figures) -> str:
    starts = [
        (
            TITLES[each["language"]],
            *(number(each[side]) for side in ("kvgen", "hello")),
            f"{each['kvgen'] / each['hello']:.2f}",
        )
        for each in instances["starts"]
    ]
    memory = [
        (TITLES[each["language"]], *(number(each[when]) for when in ("rest", "early", "late")))
        for each in instances["memory"]
    ]
    all_of_them = instances["requests"]
    return (
        "## Instances\n\nMilliseconds from the spawn to the first 200 on `/health`.\n\n"
        + table(("start", "kvgen", "hello world", "ratio"), starts)
        + "\n\nResident megabytes.\n\n"
        + table(
            (
                "memory",
                "at rest",
                f"after {all_of_them // 10:,} requests",
                f"after {all_of_them:,}",
            ),
            memory,
        )
    )


def _profiles(profiles: Figures) -> str:
    tables = [
        table(
            (TITLES[language], "% of the CPU time"), [(name, f"{share:g}") for name, share in rows]
        )
        for language, rows in profiles.items()
    ]
    words = (HERE / "profiles.md").read_text().strip()
    return "## Where the time goes\n\n" + "\n\n".join([words, *tables])


def _part(module: str, figures: Figures) -> str:
    """Let a part speak for itself where it can, and else list what it has measured."""
    part = importlib.import_module(module)
    if hasattr(part, "markdown"):
        text: str = part.markdown(figures)
        return text
    return table(("", "measured"), list(_flat(figures)))


def _flat(figures: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(figures, Mapping):
        for name, below in figures.items():
            yield from _flat(below, f"{path}, {name}" if path else name)
    elif isinstance(figures, list) and all(isinstance(each, int | float) for each in figures):
        middle = sorted(figures)[len(figures) // 2]
        yield path, f"{number(middle)} ({number(min(figures))} to {number(max(figures))})"
    elif isinstance(figures, list):
        for place, below in enumerate(figures, start=1):
            yield from _flat(below, f"{path}, {place}")
    else:
        yield path, number(figures) if isinstance(figures, int | float) else str(figures)


def _charts(figures: Mapping[str, Figures]) -> dict[str, str]:
    drawn = {}
    if startup := figures.get("startup"):
        drawn["startup"] = charts.chart(
            "Time of a whole command",
            [
                charts.Bar(name, startup[name]["median"], f"{startup[name]['median']:.0f} ms", kind)
                for name, kind in (
                    ("import click", "other"),
                    ("kvgen --help", "kvgen"),
                    ("kvgen list", "kvgen"),
                    ("kvgen new", "kvgen"),
                    ("cookiecutter", "other"),
                    ("copier", "other"),
                )
            ],
        )
    if functions := figures.get("functions"):
        drawn["functions"] = charts.chart(
            "Requests a second on one core, session pattern, as a part of the limit",
            list(_function_bars(functions)),
            (("page", "the page's code"), ("kvgen", "kvgen's"), ("limit", "the leanest program")),
        )
    return drawn


def _function_bars(functions: Figures) -> Iterator[charts.Bar]:
    for language, title in TITLES.items():
        limit = verdicts.cell(functions, "session", language, "limit")["per_second"]
        for side in ("page", "kvgen", "limit"):
            rate = verdicts.cell(functions, "session", language, side)["per_second"]
            label = title if side == "page" else ""
            yield charts.Bar(label, rate / limit, f"{number(rate)}/s", side)


if __name__ == "__main__":
    write()
