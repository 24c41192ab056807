"""What the README quotes, kept between marks of it: the languages compared, and a few ratios."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench import verdicts
from bench.markdown import table
from bench.verdicts import Figures, calls, measured, sessions
from kvgen.cli.compare import comparison, origin
from kvgen.scaffold.catalog import load_pattern

_REGION = "(?<=<!-- {} -->\n\n).*?(?=\n\n<!-- end -->)"


def refresh(readme: Path, runs: Sequence[Mapping[str, Figures]]) -> None:
    """Write both into a README; raises ValueError where it has no place for them."""
    header, *rows = comparison(load_pattern("session"))
    texts = {
        "compared": f"{table(header, rows)}\n\n{origin()}",
        "measured": table(
            ("measured", "compared with", "ratio: median and range"), list(_rows(runs))
        ),
    }
    page = readme.read_text()
    for mark, text in texts.items():
        region = re.compile(_REGION.format(mark), re.DOTALL)
        page, count = region.subn(lambda _, text=text: text, page)  # type: ignore[misc]
        if count != 1:
            raise ValueError(f"{readme.name} has {count} places for what was {mark}, not one")
    readme.write_text(page)


def _rows(runs: Sequence[Mapping[str, Figures]]) -> Iterator[tuple[str, str, str]]:
    def shown(part: str, ratio: Callable[[Mapping[str, Figures]], float]) -> str:
        return verdicts.spread([ratio(figures) for figures in runs if part in figures])

    for peer in ("cookiecutter", "copier"):
        yield "`kvgen new`, speed", peer, shown("startup", partial(_commands, peer))
    functions = next(figures["functions"] for figures in runs if "functions" in figures)
    for language, title in measured(functions).items():
        for side, name in (("page", "the documentation page's code"), ("limit", "the leanest one")):
            ratio = partial(_functions, language, side)
            yield f"sessions a second, {title}", name, shown("functions", ratio)
    for kind in ("reads", "writes"):
        ratio = partial(_stores, kind)
        yield f"the embedded KV: {kind} a second", "Miniflare", shown("kv", ratio)


def _commands(peer: str, figures: Mapping[str, Figures]) -> float:
    startup = figures["startup"]
    return float(startup[peer]["median"] / startup["kvgen new"]["median"])


def _functions(language: str, side: str, figures: Mapping[str, Figures]) -> float:
    functions = figures["functions"]
    return sessions(functions, language, "kvgen") / sessions(functions, language, side)


def _stores(kind: str, figures: Mapping[str, Figures]) -> float:
    return calls(figures["kv"], kind, "kvgen") / calls(figures["kv"], kind, "miniflare")
