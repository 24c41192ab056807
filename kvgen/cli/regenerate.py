"""`kvgen regenerate`: bring folders up to date, edits kept."""

import contextlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kvgen.cli.report import print_diff, row_json
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.plan import Action, Plan
from kvgen.scaffold.regenerate import check_changes, find_folders, plan_regeneration

_WOULD_CHANGE = 3
_MANY = 20  # folders from which on a bar says how far it is
_SILENT = frozenset({Action.SAME, Action.KEEP, Action.GONE})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A folder with its plan, or with the reason why there is none or it was not carried out."""

    folder: Path
    plan: Plan
    error: KvgenError | None = None


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="OPTION=VALUE",
    help="Change an answer first, in kvgen.toml.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 if something would change.")
@click.option("--diff", is_flag=True, help="Show what changes, line by line.")
@click.option("--dry-run", is_flag=True, help="Show what changes, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan of each folder as JSON.")
def regenerate(
    paths: tuple[Path, ...],
    assignments: tuple[str, ...],
    check: bool,
    diff: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Render again every folder at or below PATH that has a kvgen.toml.

    A file that you edited stays as it is while its template does, and a file that you deleted
    stays deleted. Where you edited a file and kvgen changed it as well there is a conflict: that
    folder is left as it was, and the others go on.
    """
    changes = check_changes(assignments)
    folders = find_folders(paths or (Path(),))
    writes = not (check or dry_run)
    with _progress(folders) as advancing:
        outcomes = [_bring_up_to_date(folder, changes, writes) for folder in advancing]
    if as_json:
        click.echo(json.dumps([_json(outcome) for outcome in outcomes], indent=2))
    for outcome in outcomes:
        _say(outcome, with_diff=diff or dry_run, to_stderr=as_json)
    _summarize(outcomes, writes, to_stderr=as_json)
    if any(outcome.error for outcome in outcomes):
        raise click.exceptions.Exit(_status(outcomes))
    if check and any(outcome.plan.changes for outcome in outcomes):
        raise click.exceptions.Exit(_WOULD_CHANGE)


def _bring_up_to_date(folder: Path, changes: Mapping[str, str], writes: bool) -> Outcome:
    plan = Plan(())
    try:
        plan = plan_regeneration(folder, changes)
        if writes:
            apply_plan(folder.resolve(), plan)
    except KvgenError as error:
        return Outcome(folder, plan, error)
    except OSError as error:
        return Outcome(folder, plan, KvgenError(f"{error.filename or folder}: {error.strerror}"))
    return Outcome(folder, plan)


def _status(outcomes: Sequence[Outcome]) -> int:
    """Return 2 where every folder failed by an illegal answer alone, and else 1."""
    errors = [outcome.error for outcome in outcomes if outcome.error]
    is_usage = all(isinstance(error, InvalidAnswerError) for error in errors)
    return 2 if is_usage and len(errors) == len(outcomes) else 1


def _say(outcome: Outcome, *, with_diff: bool, to_stderr: bool) -> None:
    if outcome.error:
        click.secho(f"Error: {outcome.error.message}", fg="red", err=True)
        if outcome.error.hint:
            click.echo(f"Hint: {outcome.error.hint}", err=True)
        return
    if with_diff:
        print_diff(outcome.plan, to_stderr=to_stderr)
    for row in outcome.plan.rows:
        if row.action not in _SILENT:
            click.echo(f"{row.action.value:<8} {outcome.folder / row.path}", err=to_stderr)


def _summarize(outcomes: Sequence[Outcome], writes: bool, *, to_stderr: bool) -> None:
    failed = sum(1 for outcome in outcomes if outcome.error)
    done = [outcome.plan for outcome in outcomes if not outcome.error]
    changed = sum(1 for plan in done if plan.changes)
    counts = Counter(row.action.value for plan in done for row in plan.rows)
    parts = [f"{len(outcomes)} folder{'' if len(outcomes) == 1 else 's'}"]
    parts.append(f"{changed} {'changed' if writes else 'would change'}")
    parts += [f"{failed} failed"] if failed else []
    kept = counts[Action.KEEP.value] + counts[Action.GONE.value]
    parts += [f"{kept} file{'' if kept == 1 else 's'} left as you made them"] if kept else []
    click.echo(", ".join(parts), err=to_stderr)


def _json(outcome: Outcome) -> dict[str, Any]:
    return {
        "folder": str(outcome.folder),
        "files": [row_json(row) for row in outcome.plan.rows],
        "error": outcome.error.message if outcome.error else None,
        "hint": outcome.error.hint if outcome.error else None,
    }


@contextlib.contextmanager
def _progress(folders: Sequence[Path]) -> Iterator[Any]:
    """Show a bar on stderr where that is a terminal and there are many."""
    if len(folders) < _MANY or not sys.stderr.isatty():
        yield folders
        return
    with click.progressbar(folders, label="Regenerating", file=sys.stderr) as bar:
        yield bar
