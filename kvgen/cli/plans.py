"""What commands print about a plan: its diff for people, its receipt for scripts."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from kvgen.cli.terminal import block, verbatim
from kvgen.scaffold.lock import blob_id
from kvgen.scaffold.model import Answers, as_texts
from kvgen.scaffold.plan import Action, Plan, Row

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
            verbatim(line, fg=colour, bold=bold or None, err=to_stderr)


def diff_lines(row: Row) -> Iterator[str]:
    """Yield the lines of one file's unified diff as git and patch read it, without line ends."""
    import difflib

    before, after = (_lines(content) for content in (row.before, row.after))
    source = "/dev/null" if row.before is None else f"a/{row.path}"
    target = "/dev/null" if row.after is None else f"b/{row.path}"
    for line in difflib.unified_diff(before, after, source, target):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def print_receipt(
    folder: Path,
    answers: Answers,
    plan: Plan,
    *,
    dry_run: bool,
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Print a JSON object: the folder, the answers, and for each file its action and blob id."""
    receipt = {
        "folder": str(folder),
        "language": answers.language,
        "name": answers.name,
        "handler": answers.handler,
        "options": as_texts(answers.common),
        "patterns": {name: as_texts(values) for name, values in answers.patterns.items()},
        "dry_run": dry_run,
        "files": [row_json(row) for row in plan.rows],
        **more,
    }
    block(json.dumps(receipt, indent=2))


def row_json(row: Row) -> dict[str, str | None]:
    """Return a row of a plan as a receipt has it; ``id`` is git's, of the content afterwards.

    ``reason`` and, for a conflict, ``marked`` are there only where there is something to say.
    """
    content = None if row.after is None else blob_id(row.after)
    entry = {"path": row.path, "action": row.action.value, "id": content}
    if row.reason:
        entry["reason"] = row.reason
    if row.action is Action.CONFLICT:
        entry["marked"] = row.marked.decode("utf-8", "replace")
    return entry


def _lines(content: bytes | None) -> list[str]:
    """Split at newlines only, which stay: other line ends are characters like any other."""
    return re.findall(r"[^\n]*\n|[^\n]+", (content or b"").decode("utf-8", "replace"))
