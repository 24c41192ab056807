"""A finding of a check: its level, message, place, reason and fix. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Level(StrEnum):
    """How bad a finding is, worst first."""

    ERROR = "error"  #: it does not deploy, does not run, or gives a secret away
    TODO = "todo"  #: a placeholder that only you can fill in; until then it does not deploy
    WARNING = "warning"  #: it deploys, and something of it may not be what you want
    NOTE = "note"  #: something that could not be looked at here

    @property
    def rank(self) -> int:
        """Return 0 for the worst, then up."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for a folder. ``source`` says who requires it, ``why`` what happens otherwise."""

    name: str
    level: Level
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a folder breaks; ``path`` has ``/``, ``line`` is None for a file as a whole."""

    rule: Rule
    path: str
    line: int | None
    message: str
    fix: str

    @property
    def place(self) -> str:
        """Return where it is, as editors and terminals take it: ``func.toml:3``."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Report:
    """The findings in a folder, worst first; ``patterns`` and ``language`` as far as known."""

    folder: Path
    patterns: tuple[str, ...]
    language: str | None
    findings: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether it would deploy as it is: no error, and no placeholder left."""
        return not self.count(Level.ERROR) and not self.count(Level.TODO)

    def count(self, level: Level) -> int:
        """Return how many findings of a level there are."""
        return sum(finding.rule.level is level for finding in self.findings)
