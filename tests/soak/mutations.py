"""Generated files broken on purpose, to see whether the behaviour suite notices.

`mutants/*.toml` declare them: what goes wrong, and for each language the file, a text in it and
what comes in its place. ``survives`` says why the suite cannot tell a language's mutant from the
original. A file that several patterns carry is broken in one of them.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
GENERATED = _HERE.parents[1] / "generated"
LANGUAGES = ("javascript", "python", "go")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file; ``survives`` is the reason why no test can notice, or None."""

    pattern: str
    language: str
    label: str
    file: str
    before: str
    after: str
    survives: str | None = None

    def __str__(self) -> str:
        return f"{self.pattern}/{self.language}/{self.file}: {self.label}"

    def original(self) -> Path:
        """Return the file as it is committed."""
        return GENERATED / self.pattern / self.language / self.file

    def broken(self, text: str) -> str:
        """Return the text with the change; ValueError where its place is not found just once."""
        if text.count(self.before) != 1:
            raise ValueError(f"{self}: {text.count(self.before)} times {self.before!r}")
        return text.replace(self.before, self.after)


def mutants() -> Iterator[Mutant]:
    """Yield all that is declared."""
    for path in sorted((_HERE / "mutants").glob("*.toml")):
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in declared["mutant"]:
            reasons = entry.get("survives", {})
            assert entry.keys() - {"label", "survives"} <= set(LANGUAGES), entry
            assert reasons.keys() <= entry.keys(), entry
            for language in LANGUAGES:
                if language in entry:
                    file, before, after = entry[language]
                    where = declared["pattern"], language
                    why = reasons.get(language)
                    yield Mutant(*where, entry["label"], file, before, after, why)
