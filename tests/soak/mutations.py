"""Functions broken on purpose, to see whether the behaviour suite notices.

`mutants/*.toml` declare them: what goes wrong, and for each language the file, a text in it and
what comes in its place. ``options`` are those of `kvgen new` without which the text is not there.
A file that several patterns carry is broken in one of them. What is broken in JavaScript is broken
in TypeScript by the same texts, where ``typescript`` does not say others: for what has a type.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MUTANTS = Path(__file__).parent / "mutants"
LANGUAGES = ("javascript", "typescript", "python", "go")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file."""

    pattern: str
    options: tuple[str, ...]
    language: str
    label: str
    file: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.pattern}/{self.language}/{self.file}: {self.label}"


def mutants() -> Iterator[Mutant]:
    """Yield all that is declared."""
    for path in sorted(_MUTANTS.glob("*.toml")):
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
        where = declared["pattern"], tuple(declared.get("options", ()))
        for entry in declared["mutant"]:
            label = entry.pop("label")
            assert entry.keys() <= set(LANGUAGES), entry
            if "javascript" in entry:
                file, *texts = entry["javascript"]
                entry.setdefault("typescript", [file.replace(".js", ".ts"), *texts])
            for language, change in entry.items():
                yield Mutant(*where, language, label, *change)
