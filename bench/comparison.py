"""What `kvgen list --compare` says of each language, from the recorded runs."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.places import ROOT
from bench.sessions import dollars
from bench.verdicts import Figures, cell, measured

PLACE = ROOT / "kvgen" / "languages" / "figures.json"

_SHOWN = ("kvgen", "Node", "Python", "Go", "Linux")
_PATTERNS = ("session", "cache", "flag")  # as measured; the first stands for all where none is said


def text(runs: Sequence[Mapping[str, Figures]]) -> str:
    """Return the content of the file that comes with kvgen: medians of all runs."""
    versions = {name: v for run in runs for name, v in run.get("versions", {}).items()}
    said = ", ".join(f"{name} {versions[name]}" for name in _SHOWN)
    functions = next(run["functions"] for run in runs if "functions" in run)
    patterns = {
        pattern: {language: _figures(runs, pattern, language) for language in measured(functions)}
        for pattern in _PATTERNS
    }
    figures = {"measured": f"{said}, {versions['date']}", "patterns": patterns}
    return json.dumps(figures, indent=2) + "\n"


def _figures(
    runs: Sequence[Mapping[str, Figures]], pattern: str, language: str
) -> dict[str, float]:
    def middle(part: str, figure: Callable[[Figures], float]) -> float:
        return statistics.median(figure(run[part]) for run in runs if part in run)

    def loaded(name: str, delay: int = 0) -> float:
        how: dict[str, Any] = {"connections": 16, "delay": delay}
        return _rounded(
            middle("functions", lambda f: cell(f, pattern, language, "kvgen", **how)[name])
        )

    def instance(part: str, name: str) -> float:
        def of(figures: Figures) -> float:
            return float(next(e[name] for e in figures[part] if e["language"] == language))

        return _rounded(middle("instances", of))

    def price(functions: Figures) -> float:
        return sum(dollars(cell(functions, pattern, language, "kvgen")))

    figures = {
        "requests_a_second": loaded("per_second"),
        "cpu_ms": loaded("cpu_ms"),
        "million_dollars": round(middle("functions", price), 2),
    }
    if pattern != _PATTERNS[0]:  # of the others nothing else is measured
        return figures
    return figures | {
        "requests_a_second_at_20_ms": loaded("per_second", delay=20),
        "first_session_ms": instance("starts", "session"),
        "memory_mb": instance("memory", "early"),
    }


def _rounded(value: float) -> float:
    """Round to two digits that count: more would say what no second run repeats."""
    return float(f"{value:.2g}")
