"""`kvgen regenerate`: bring folders up to date, edits kept."""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from kvgen.cli import completers
from kvgen.cli.outcome import Outcome, Tally, conflict, print_outcome
from kvgen.cli.overlay import templates_option
from kvgen.cli.terminal import block, can_redraw, echo, styled
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.folders import find_folders
from kvgen.scaffold.plan import Plan
from kvgen.scaffold.roots import Templates
from kvgen.scaffold.settings import Settings, check_changes, check_sides

_MANY = 20  # folders from which on a bar says how far it is, and each gets a line at most


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="OPTION=VALUE",
    help="Change an answer first, in kvgen.toml.",
    shell_complete=completers.settings_of_folder,
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 if something would change.")
@click.option("--diff", is_flag=True, help="Show what changes, line by line.")
@click.option("--dry-run", is_flag=True, help="Show the same, and write nothing.")
@click.option(
    "--resolve",
    "sides",
    multiple=True,
    metavar="FILE=SIDE",
    shell_complete=completers.resolutions,
    help="Solve a conflict in a FILE of the one folder at PATH. Where the same lines changed, mine "
    "keeps yours, theirs takes kvgen's, and marks puts both into the file for your editor; all "
    "other changes are merged.",
)
@click.option(
    "--adopt",
    is_flag=True,
    help="If kvgen.lock is missing or broken, write it and nothing else. Every difference from "
    "kvgen's files counts as your edit.",
)
@click.option("--strict", is_flag=True, help="Stop at the first folder that fails.")
@click.option("-v", "--verbose", is_flag=True, help="Print a row for every file.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan of each folder as JSON.")
@templates_option
def regenerate(
    paths: tuple[Path, ...],
    assignments: tuple[str, ...],
    sides: tuple[str, ...],
    *,
    check: bool,
    diff: bool,
    dry_run: bool,
    adopt: bool,
    strict: bool,
    verbose: bool,
    as_json: bool,
    templates: Templates,
) -> None:
    """Render again every folder at or below PATH that has a kvgen.toml.

    Your edits stay. If kvgen changed the same file, the two are merged. If both changed the same
    lines, there is a conflict: that folder is not changed, and the others go on. A file that you
    deleted stays deleted.
    """
    settings = Settings(check_changes(assignments), check_sides(sides), adopt)
    folders = find_folders(paths or (Path(),), _warn)
    _refuse_many(folders, sides)
    writes = not (check or dry_run)
    tally, entries = Tally(len(folders), writes), []
    rows = "all" if verbose else "changes" if len(folders) < _MANY else "none"
    with _progress(folders) as advancing:
        for folder in advancing:
            outcome = _bring_up_to_date(folder, settings, templates, writes)
            print_outcome(outcome, rows=rows, diff=diff or dry_run, to_stderr=as_json)
            tally.count(outcome)
            entries.append(outcome.json() if as_json else None)
            if strict and outcome.error:
                break
    if as_json:
        block(json.dumps(entries, indent=2))
    echo(tally.summary(), err=as_json)
    if status := tally.status(check):
        raise click.exceptions.Exit(status)


def _warn(text: str) -> None:
    echo(styled(f"Warning: {text}", fg="yellow"), err=True)


def _refuse_many(folders: Sequence[Path], sides: Sequence[str]) -> None:
    """Raise InvalidAnswerError for a resolution that would speak of several folders' edits."""
    if sides and len(folders) > 1:
        raise InvalidAnswerError(
            f"--resolve is for one folder, and there are {len(folders)}",
            f"for example kvgen regenerate {folders[0]} --resolve {sides[0]}",
        )


def _bring_up_to_date(
    folder: Path, settings: Settings, templates: Templates, writes: bool
) -> Outcome:
    from kvgen.scaffold.regenerate import plan_regeneration  # here: not to complete a word

    plan = Plan(())
    try:
        plan = plan_regeneration(folder, settings, templates)
        if plan.conflicts:
            return Outcome(folder, plan, conflict(folder, plan, settings))
        if settings.changes:
            _warn_of_answers(folder, settings, templates)
        if writes and (plan.changes or plan.unfinished):
            from kvgen.cli.new import write

            write(folder, folder.resolve(), plan)
    except KvgenError as error:
        return Outcome(folder, plan, error)
    except OSError as error:
        return Outcome(folder, plan, KvgenError(f"{error.filename or folder}: {error.strerror}"))
    return Outcome(folder, plan)


def _warn_of_answers(folder: Path, settings: Settings, templates: Templates) -> None:
    from kvgen.cli.new import warn
    from kvgen.scaffold.regenerate import answers_after

    warn(answers_after(folder, settings, templates))


@contextlib.contextmanager
def _progress(folders: Sequence[Path]) -> Iterator[Any]:
    """Show a bar on stderr where that is a terminal and there are many."""
    if len(folders) < _MANY or not can_redraw(sys.stderr):
        yield folders
        return
    with click.progressbar(folders, label="Regenerating", file=sys.stderr) as bar:
        yield bar
