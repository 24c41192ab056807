"""What RESULTS.md says of generated functions."""

from collections.abc import Iterator

from bench.markdown import number, table
from bench.verdicts import Figures, cell, measured

# Public prices in US dollars, read in autumn 2026; what is free each month is left out.
# https://developers.telnyx.com/docs/edge-compute/kv/pricing, …/edge-compute/platform/pricing
PRICES = {"GET": 0.35, "PUT": 3.50, "DELETE": 3.50, "request": 0.21, "cpu_ms": 0.014}  # a million


def sections(functions: Figures) -> Iterator[str]:
    """Yield the sections: loads, cache hits and flags, and what a million requests cost."""
    yield (
        "## Generated functions\n\nA session, loaded over kept connections with the KV answering "
        "after a delay: the documentation page's code, kvgen's, and the limit. CPU is milliseconds "
        "a request, p99 milliseconds, spread that of kvgen's turns around their median."
    )
    for language, title in measured(functions).items():
        yield f"### {title}\n\n" + _sessions(functions, language)
    yield "### Cache hits and flags\n\nAt 16 connections, without a delay.\n\n" + _others(functions)
    yield "### What it costs\n\n" + _costs(functions)


def dollars(own: Figures) -> tuple[float, float, float]:
    """Return what a million requests cost: their KV calls, themselves, and their CPU time."""
    kv = sum(PRICES[name] * count for name, count in _calls(own).items())
    return kv, PRICES["request"], PRICES["cpu_ms"] * own["cpu_ms"]


def _calls(own: Figures) -> dict[str, float]:
    """Return the KV calls of a request."""
    return {name: round(own[name], 2) for name in ("GET", "PUT", "DELETE")}


def _sessions(functions: Figures, language: str) -> str:
    rows = []
    for trip in functions["trips"]:
        at = {"delay": trip["delay"], "connections": trip["connections"]}
        page, own, limit = (
            cell(functions, "session", language, side, **at) for side in ("page", "kvgen", "limit")
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
        for language, title in measured(functions).items():
            sides = [
                cell(functions, pattern, language, side) for side in ("page", "kvgen", "limit")
            ]
            figures = [*(side["per_second"] for side in sides), *(side["cpu_ms"] for side in sides)]
            rows.append((f"{pattern}, {title}", *map(number, figures)))
    head = ("", "req/s page", "kvgen", "limit", "CPU page", "kvgen", "limit")
    return table(head, rows)


def _costs(functions: Figures) -> str:
    rows = []
    for pattern in ("session", "cache", "flag"):
        for language, title in measured(functions).items():
            own = cell(functions, pattern, language, "kvgen")
            shown = " + ".join(f"{count:g} {name}" for name, count in _calls(own).items() if count)
            prices = dollars(own)
            said = [f"${price:.3f}" for price in (*prices, sum(prices))]
            rows.append((f"{pattern}, {title}", shown, *said))
    head = ("", "KV calls a request", "KV", "requests", "CPU", "a million requests")
    return (
        "KV calls are counted by the stand-in for the KV. Prices are the public ones for [KV]"
        "(https://developers.telnyx.com/docs/edge-compute/kv/pricing) and [functions]"
        "(https://developers.telnyx.com/docs/edge-compute/platform/pricing), read in autumn 2026, "
        "without what is free each month. CPU time is this machine's.\n\n" + table(head, rows)
    )
