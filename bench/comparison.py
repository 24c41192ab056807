"""What `kvgen list --compare` says of each language, from the recorded runs."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.places import ROOT
from bench.verdicts import LANGUAGES, Figures, cell

PLACE = ROOT / "kvgen" / "languages" / "figures.json"

_SHOWN = ("kvgen", "Node", "Python", "Go", "Linux")


def text(runs: Sequence[Mapping[str, Figures]]) -> str:
    """Return the content of the file that comes with kvgen: medians of all runs."""
    versions = {name: v for run in runs for name, v in run.get("versions", {}).items()}
    said = ", ".join(f"{name} {versions[name]}" for name in _SHOWN)
    languages = {language: _figures(runs, language) for language in LANGUAGES}
    return json.dumps({"measured": said, "languages": languages}, indent=2) + "\n"


def _figures(runs: Sequence[Mapping[str, Figures]], language: str) -> dict[str, float]:
    def middle(part: str, figure: Callable[[Figures], float]) -> float:
        return _rounded(statistics.median(figure(run[part]) for run in runs if part in run))

    def session(name: str, delay: int) -> Callable[[Figures], float]:
        how: dict[str, Any] = {"connections": 16, "delay": delay}
        return lambda figures: float(cell(figures, "session", language, "kvgen", **how)[name])

    def instance(part: str, name: str) -> Callable[[Figures], float]:
        return lambda figures: float(
            next(each[name] for each in figures[part] if each["language"] == language)
        )

    return {
        "sessions_a_second": middle("functions", session("per_second", 0)),
        "sessions_a_second_at_20_ms": middle("functions", session("per_second", 20)),
        "cpu_ms": middle("functions", session("cpu_ms", 0)),
        "first_session_ms": middle("instances", instance("starts", "session")),
        "memory_mb": middle("instances", instance("memory", "early")),
    }


def _rounded(value: float) -> float:
    """Round to two digits that count: more would say what no second run repeats."""
    return float(f"{value:.2g}")
