"""The charts of the README, from the figures."""

import statistics
from collections.abc import Mapping

from bench.charts import Bar, chart
from bench.markdown import number
from bench.verdicts import Figures, cell, measured

_COMMANDS = {
    "import click": "other",
    "kvgen --help": "kvgen",
    "kvgen list": "kvgen",
    "kvgen new": "kvgen",
    "cookiecutter": "other",
    "copier": "other",
}


def draw(figures: Mapping[str, Figures]) -> dict[str, str]:
    """Return SVGs by name, for what has been measured."""
    drawn = {}
    if "startup" in figures:
        drawn["startup"] = _startup(figures["startup"])
    if "functions" in figures:
        drawn["functions"] = _functions(figures["functions"])
    if stores := figures.get("kv", {}).get("at 16 connections"):
        drawn["kv"] = _stores(stores)
    return drawn


def _startup(startup: Figures) -> str:
    bars = []
    for name, kind in _COMMANDS.items():
        milliseconds = startup[name]["median"]
        bars.append(Bar(name, milliseconds, f"{milliseconds:.0f} ms", kind))
    return chart("Time of a whole command", bars)


def _functions(functions: Figures) -> str:
    bars = []
    for language, title in measured(functions).items():
        limit = cell(functions, "session", language, "limit")["per_second"]
        for side in ("page", "kvgen", "limit"):
            rate = cell(functions, "session", language, side)["per_second"]
            label = title if side == "page" else ""
            bars.append(Bar(label, rate / limit, f"{number(rate)}/s", side))
    legend = (("page", "the page's code"), ("kvgen", "kvgen's"), ("limit", "the leanest program"))
    return chart("Sessions a second at 16 connections, in parts of the limit", bars, legend)


def _stores(stores: Figures) -> str:
    """Draw what each local KV does, turns by kind of call and by name, kvgen's first."""
    bars = []
    for kind, sides in stores.items():
        for name, turns in sides.items():
            rate = statistics.median(turn["per_second"] for turn in turns)
            colour = "kvgen" if name == "kvgen" else "other"
            bars.append(Bar(f"{kind}, {name}", rate, f"{number(rate)}/s", colour))
    return chart("Calls a second of a KV on this machine, at 16 connections", bars)
