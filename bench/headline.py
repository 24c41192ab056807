"""The few ratios that the README quotes, kept between two marks of it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bench.markdown import table
from bench.verdicts import LANGUAGES, Figures, calls, sessions

_REGION = re.compile("(?<=<!-- measured -->\n\n).*(?=\n\n<!-- end -->)", re.DOTALL)


def refresh(readme: Path, figures: Mapping[str, Figures]) -> None:
    """Write the ratios into a README; raises ValueError where it has no place for them."""
    text = table(("in one run", "compared with", "ratio"), list(_rows(figures)))
    page, count = _REGION.subn(lambda _: text, readme.read_text())
    if count != 1:
        raise ValueError(f"{readme.name} has {count} places for what was measured, not one")
    readme.write_text(page)


def _rows(figures: Mapping[str, Figures]) -> Iterator[tuple[str, str, str]]:
    startup = {name: times["median"] for name, times in figures["startup"].items()}
    new = startup["kvgen new"]
    yield "`kvgen new`, speed", "cookiecutter, copier", _shown(
        startup[peer] / new for peer in ("cookiecutter", "copier")
    )
    languages, functions = ", ".join(LANGUAGES.values()), figures["functions"]
    for side, name in (
        ("page", "the documentation page's code"),
        ("limit", "the leanest program with the same KV calls"),
    ):
        yield f"sessions a second: {languages}", name, _shown(
            sessions(functions, language, "kvgen") / sessions(functions, language, side)
            for language in LANGUAGES
        )
    starts = {each["language"]: each for each in figures["instances"]["starts"]}
    yield f"time to the first answer: {languages}", "a hello world on the same host", _shown(
        starts[language]["kvgen"] / starts[language]["hello"] for language in LANGUAGES
    )
    yield "the embedded KV: reads, writes a second", "Miniflare", _shown(
        calls(figures["kv"], kind, "kvgen") / calls(figures["kv"], kind, "miniflare")
        for kind in ("reads", "writes")
    )


def _shown(ratios: Iterable[float]) -> str:
    return ", ".join(f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}" for ratio in ratios)
