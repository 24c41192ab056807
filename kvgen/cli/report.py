"""What commands print about a plan: its diff for people, its receipt for scripts."""

import difflib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from kvgen.scaffold.model import Answers, Duration
from kvgen.scaffold.plan import Plan, Row
from kvgen.scaffold.project import blob_id

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def is_interactive() -> bool:
    """Whether there is a person to ask: both ends of the terminal are one."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def print_diff(plan: Plan, *, to_stderr: bool = False) -> None:
    """Print a unified diff of all that the plan changes, in colour on a terminal."""
    for row in plan.changes:
        for line in diff_lines(row):
            bold = line.startswith(("--- ", "+++ "))
            colour = None if bold else _COLOURS.get(line[:1])
            click.secho(line, fg=colour, bold=bold, err=to_stderr)


def diff_lines(row: Row) -> Iterator[str]:
    """Yield the lines of one file's unified diff, without line ends."""
    before, after = (_lines(content) for content in (row.before, row.after))
    source = "/dev/null" if row.before is None else f"a/{row.path}"
    target = "/dev/null" if row.after is None else f"b/{row.path}"
    yield from difflib.unified_diff(before, after, source, target, lineterm="")


def print_receipt(folder: Path, answers: Answers, plan: Plan, *, dry_run: bool) -> None:
    """Print a JSON object: the folder, the answers, and for each file its action and blob id."""
    receipt = {
        "folder": str(folder),
        "pattern": answers.pattern,
        "language": answers.language,
        "name": answers.name,
        "options": {
            name: value.text if isinstance(value, Duration) else value
            for name, value in answers.values.items()
        },
        "dry_run": dry_run,
        "files": [row_json(row) for row in plan.rows],
    }
    click.echo(json.dumps(receipt, indent=2))


def row_json(row: Row) -> dict[str, str | None]:
    """Return a row of a plan as a receipt has it; ``id`` is git's, of the content afterwards."""
    content = None if row.after is None else blob_id(row.after)
    return {"path": row.path, "action": row.action.value, "id": content}


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines()
