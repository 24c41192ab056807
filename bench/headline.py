"""The few ratios that the README quotes, kept between two marks of it."""

import re
import statistics
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bench.markdown import table
from bench.verdicts import LANGUAGES, Figures, cell

README = Path(__file__).parents[1] / "README.md"

_REGION = re.compile("(?<=<!-- measured -->\n\n).*(?=\n\n<!-- end -->)", re.DOTALL)


def refresh(figures: Mapping[str, Figures]) -> None:
    """Write the ratios into the README."""
    text = table(("in one run", "compared with", "ratio"), list(_rows(figures)))
    page, count = _REGION.subn(lambda _: text, README.read_text())
    if count != 1:
        raise ValueError(f"{README.name} has {count} places for what was measured, not one")
    README.write_text(page)


def _rows(figures: Mapping[str, Figures]) -> Iterator[tuple[str, str, str]]:
    startup = {name: times["median"] for name, times in figures["startup"].items()}
    new = startup["kvgen new"]
    yield "`kvgen new`, speed", "cookiecutter, copier", _shown(
        startup[peer] / new for peer in ("cookiecutter", "copier")
    )
    languages = ", ".join(LANGUAGES.values())
    for side, name in (
        ("page", "the documentation page's code"),
        ("limit", "the leanest program with the same KV calls"),
    ):
        yield f"sessions a second: {languages}", name, _shown(
            _sessions(figures, language, "kvgen") / _sessions(figures, language, side)
            for language in LANGUAGES
        )
    starts = {each["language"]: each for each in figures["instances"]["starts"]}
    yield f"time to the first answer: {languages}", "a hello world on the same host", _shown(
        starts[language]["kvgen"] / starts[language]["hello"] for language in LANGUAGES
    )
    stores = figures["kv"]["at 16 connections"]
    yield "the embedded KV: reads, writes a second", "Miniflare", _shown(
        _calls(stores[kind]["kvgen"]) / _calls(stores[kind]["miniflare"])
        for kind in ("reads", "writes")
    )


def _sessions(figures: Mapping[str, Figures], language: str, side: str) -> float:
    return float(cell(figures["functions"], "session", language, side)["per_second"])


def _calls(turns: Iterable[Figures]) -> float:
    return float(statistics.median(turn["per_second"] for turn in turns))


def _shown(ratios: Iterable[float]) -> str:
    return ", ".join(f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}" for ratio in ratios)
