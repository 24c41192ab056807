"""RESULTS.md and the charts, from what lies in results/; run by itself it draws them again."""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import comparison, drawings, headline, sessions, verdicts
from bench.markdown import flat, number, table
from bench.places import HERE, ROOT, load

Figures = dict[str, Any]


def write(
    folder: Path = HERE, readme: Path = ROOT / "README.md", compared: Path = comparison.PLACE
) -> None:
    """Write RESULTS.md, charts/ and what the README and kvgen quote from what was measured."""
    runs = load()
    figures = _newest(runs)
    sections = [(HERE / "introduction.md").read_text().strip(), *_sections(runs)]
    (folder / "RESULTS.md").write_text("\n\n".join(sections) + "\n")
    (folder / "charts").mkdir(exist_ok=True)
    for name, svg in drawings.draw(figures).items():
        (folder / "charts" / f"{name}.svg").write_text(svg)
    compared.write_text(comparison.text(runs))
    headline.refresh(readme)


def _sections(runs: Sequence[Mapping[str, Figures]]) -> Iterator[str]:
    figures = _newest(runs)
    yield f"Measured with {_versions(figures['versions'])}."
    yield (
        f"## Targets\n\nThe median of {len(runs)} whole runs, and their range. Tables and "
        "charts are those of the last run."
    )
    yield table(("target", "measured", "wanted", "met"), verdicts.rows(runs))
    if edits := figures.get("edits"):
        yield "## Edits\n\n" + _part("bench.edits", edits)
    if startup := figures.get("startup"):
        yield _commands(startup)
    if regenerate := figures.get("regenerate"):
        yield "## Regeneration\n\n" + _part("bench.regenerate", regenerate)
    if functions := figures.get("functions"):
        yield from sessions.sections(functions)
    if instances := figures.get("instances"):
        yield _instances(instances)
    if profiles := figures.get("profiles"):
        yield _profiles(profiles)
    if kv := figures.get("kv"):
        yield "## The embedded KV\n\n" + _part("bench.kv.compare", kv)
    if shared := figures.get("shared"):
        yield "## The embedded KV over Redis\n\n" + _part("bench.kv.shared", shared)


def _newest(runs: Sequence[Mapping[str, Figures]]) -> dict[str, Figures]:
    """Return the figures of each part from the last run that measured it."""
    return {part: figures for run in runs for part, figures in run.items()}


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _commands(startup: Figures) -> str:
    rows = [(f"`{name}`", *map(number, times.values())) for name, times in startup.items()]
    return (
        "## Commands\n\nMilliseconds of a whole process, and the middle half of its runs.\n\n"
        + table(("command", "median", "from", "to"), rows)
    )


def _instances(instances: Figures) -> str:
    starts = [
        (
            verdicts.LANGUAGES[each["language"]],
            *(number(each[side]) for side in ("kvgen", "hello")),
            f"{each['kvgen'] / each['hello']:.2f}",
            number(each["session"]),
        )
        for each in instances["starts"]
    ]
    memory = [
        (
            verdicts.LANGUAGES[each["language"]],
            *(number(each[when]) for when in ("rest", "early", "late")),
        )
        for each in instances["memory"]
    ]
    all_of_them = instances["requests"]
    after = (f"after {all_of_them:,} requests", f"after {2 * all_of_them:,}")
    parts = (
        "## Instances",
        "Milliseconds from the spawn to the first 200 on `/health`, and to the answer of a session "
        "that is asked for right then.",
        table(("start", "kvgen", "hello world", "ratio", "kvgen's first session"), starts),
        "Resident megabytes, Node with the heap that it takes in a container of 256 MB.",
        table(("memory", "at rest", *after), memory),
    )
    return "\n\n".join(parts)


def _profiles(profiles: Figures) -> str:
    tables = [
        table(
            (verdicts.LANGUAGES[language], "% of the CPU time"),
            [(name, f"{share:g}") for name, share in rows],
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
    return table(("", "measured"), list(flat(figures)))


if __name__ == "__main__":
    write()
