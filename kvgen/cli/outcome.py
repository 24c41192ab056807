"""What became of each folder of a run, for people, for scripts, and as one summary."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kvgen.cli.plans import print_diff, row_json
from kvgen.cli.terminal import block, echo, styled
from kvgen.errors import ConflictError, InvalidAnswerError, KvgenError
from kvgen.scaffold.plan import Action, Plan, Row
from kvgen.scaffold.settings import Settings

_WOULD_CHANGE = 3
_SILENT = frozenset({Action.SAME, Action.KEEP, Action.GONE})
_AROUND = 2  # lines of context above and below a clash
_SIDES = {"<<<<<<< ": "green", "||||||| ": "bright_black", "=======": "cyan"}


class Outcome(NamedTuple):
    """A folder with its plan, or with the reason why the plan is missing or was not applied."""

    folder: Path
    plan: Plan = Plan(())
    error: KvgenError | None = None

    @property
    def changes(self) -> bool:
        """Whether something is, or would be, other than before."""
        return not self.error and bool(self.plan.changes or self.plan.unfinished)

    def json(self) -> dict[str, Any]:
        """Return it as a script reads it."""
        return {
            "folder": str(self.folder),
            "files": [row_json(row) for row in self.plan.rows],
            "interrupted": self.plan.unfinished,
            "templates_changed": list(self.plan.changed),
            "error": self.error.message if self.error else None,
            "hint": self.error.hint if self.error else None,
        }


class Tally:
    """The results of a run over many folders, counted."""

    def __init__(self, folders: int, writes: bool) -> None:
        self._folders = folders
        self._writes = writes
        self._counts: Counter[str] = Counter()

    def count(self, outcome: Outcome) -> None:
        """Add one folder."""
        counts = self._counts
        counts["done"] += 1
        counts["changed"] += outcome.changes
        if outcome.error:
            counts["failed"] += 1
            counts["misused"] += isinstance(outcome.error, InvalidAnswerError)
            return
        actions = [row.action for row in outcome.plan.rows]
        counts["merged"] += actions.count(Action.MERGE)
        counts["kept"] += actions.count(Action.KEEP) + actions.count(Action.GONE)

    def summary(self) -> str:
        """Say it in one line."""
        counts, verb = self._counts, "changed" if self._writes else "would change"
        parts = [_counted(self._folders, "folder"), f"{counts['changed']} {verb}"]
        if counts["failed"]:
            parts.append(f"{counts['failed']} failed")
        if left := self._folders - counts["done"]:
            parts.append(f"{left} not looked at")
        if counts["merged"]:
            parts.append(f"{_counted(counts['merged'], 'file')} merged with your edits")
        if counts["kept"]:
            parts.append(f"{_counted(counts['kept'], 'file')} left as you made them")
        return ", ".join(parts)

    def status(self, check: bool) -> int:
        """Return the exit status: 2 where all that failed was an illegal answer everywhere."""
        counts = self._counts
        if counts["failed"]:
            return 2 if counts["misused"] == self._folders else 1
        return _WOULD_CHANGE if check and counts["changed"] else 0


def conflict(folder: Path, plan: Plan, settings: Settings) -> ConflictError:
    """Make the error of a plan that has conflicts, with the command that solves them."""
    import shlex

    paths = [row.path for row in plan.conflicts]
    words = ["kvgen", "regenerate", str(folder)]
    for name, value in settings.changes.items():
        words += ["--set", f"{name}={value}"]
    for path, side in settings.sides.items():
        words += ["--resolve", f"{path}={side}"]
    for path in paths:
        words += ["--resolve", f"{path}=mine"]
    return ConflictError(
        f"{folder} is left as it was: you and kvgen both changed {', '.join(paths)}",
        "for the conflicting lines choose mine or theirs, or marks to resolve them in your "
        f"editor: {shlex.join(words)}",
    )


def print_outcome(outcome: Outcome, *, rows: str, diff: bool, to_stderr: bool) -> None:
    """Print what became of a folder; ``rows`` says of which files: all, changes or none."""
    if outcome.error:
        _print_error(outcome, outcome.error)
        return
    if outcome.plan.unfinished:
        echo(f"finish   {outcome.folder}  (an interrupted run)", err=to_stderr)
    for name in outcome.plan.changed:
        echo(f"changed  the templates of the pattern {name}", err=to_stderr)
    if diff:
        print_diff(outcome.plan, to_stderr=to_stderr)
    if rows == "none":
        _print_line(outcome, to_stderr=to_stderr)
        return
    for row in outcome.plan.rows:
        if rows == "all" or row.reason or row.action not in _SILENT:
            reason = f"  ({row.reason})" if row.reason else ""
            line = f"{row.action.value:<8} {outcome.folder / row.path}{reason}"
            echo(line, err=to_stderr)


def _print_line(outcome: Outcome, *, to_stderr: bool) -> None:
    if changes := outcome.plan.changes:
        counts = Counter(row.action.value for row in changes)
        actions = ", ".join(f"{action} {count}" for action, count in counts.items())
        echo(f"{outcome.folder}: {actions}", err=to_stderr)


def _print_error(outcome: Outcome, error: KvgenError) -> None:
    echo(styled(f"Error: {error.message}", fg="red"), err=True)
    for row in outcome.plan.conflicts:
        echo(styled(f"  {row.path}: {row.reason}", bold=True), err=True)
        for line, colour in _clashes(row):
            block(f"    {line}", fg=colour, err=True)
    if error.hint:
        echo(f"Hint: {error.hint}", err=True)


def _clashes(row: Row) -> Iterator[tuple[str, str | None]]:
    """Yield the lines of a conflict with a few around each clash, and a colour for each side."""
    lines = row.marked.decode("utf-8", "replace").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("<<<<<<< ")]
    ends = [number for number, line in enumerate(lines) if line.startswith(">>>>>>> ")]
    shown = {
        number
        for start, end in zip(starts, ends, strict=True)
        for number in range(start - _AROUND, end + _AROUND + 1)
    }
    colour = None
    for number, line in enumerate(lines):
        colour = next((c for mark, c in _SIDES.items() if line.startswith(mark)), colour)
        if number in shown:
            yield line, colour
        if line.startswith(">>>>>>> "):
            colour = None


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
