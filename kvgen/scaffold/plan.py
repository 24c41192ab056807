"""Rendered files, what was recorded and the folder as it is, to a plan. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kvgen.scaffold.model import RenderedFile
from kvgen.scaffold.project import LOCK_FILE, PROJECT_FILE


class Action(StrEnum):
    """What happens to one file."""

    ADD = "add"
    SAME = "same"
    UPDATE = "update"
    KEEP = "keep"
    GONE = "gone"
    RETIRE = "retire"
    CONFLICT = "conflict"


_WRITES = frozenset({Action.ADD, Action.UPDATE, Action.RETIRE})


@dataclass(frozen=True, slots=True)
class Row:
    """One file of a plan: its bytes before (None: no file) and after (None: no file)."""

    path: str
    action: Action
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does, in the order in which it does it: the lock comes last."""

    rows: tuple[Row, ...]

    @property
    def changes(self) -> tuple[Row, ...]:
        """The rows that write or remove something."""
        return tuple(row for row in self.rows if row.action in _WRITES)

    @property
    def conflicts(self) -> tuple[Row, ...]:
        """The rows for which the whole folder is refused."""
        return tuple(row for row in self.rows if row.action is Action.CONFLICT)

    def without_changes(self) -> "Plan":
        """The same rows with nothing to do."""
        rows = (
            Row(row.path, Action.SAME, row.before, row.before) if row.action in _WRITES else row
            for row in self.rows
        )
        return Plan(tuple(rows))


def plan_files(
    rendered: Iterable[RenderedFile],
    recorded: Mapping[str, str],
    disk: Mapping[str, bytes],
    *,
    restore: bool = False,
) -> Plan:
    """Plan the files that templates make, sorted by path.

    ``recorded`` is the text that kvgen last wrote, by path, ``disk`` what lies there now.
    ``restore`` brings back a file that was deleted, which otherwise stays so.
    """
    new = {file.path: file.text.encode("utf-8") for file in rendered}
    old = {path: text.encode("utf-8") for path, text in recorded.items()}
    rows = []
    for path in sorted(new.keys() | (old.keys() & disk.keys())):
        action = _action(new.get(path), old.get(path), disk.get(path), restore)
        rows.append(_row(path, action, disk.get(path), new.get(path)))
    return Plan(tuple(rows))


def plan_own_files(
    project: str, lock: str, disk: Mapping[str, bytes], *, mine: bool = False
) -> Plan:
    """Plan kvgen.toml and kvgen.lock; ``mine`` says that kvgen.toml holds nothing of the user's."""
    rows = []
    for path, text in ((PROJECT_FILE, project), (LOCK_FILE, lock)):
        before, after = disk.get(path), text.encode("utf-8")
        if before is None:
            action = Action.ADD
        elif before == after:
            action = Action.SAME
        else:
            action = Action.UPDATE if path == LOCK_FILE or mine else Action.CONFLICT
        rows.append(_row(path, action, before, after))
    return Plan(tuple(rows))


def _action(new: bytes | None, old: bytes | None, disk: bytes | None, restore: bool) -> Action:
    if new is None:
        return Action.RETIRE if disk == old else Action.KEEP
    if disk is None:
        return Action.ADD if old is None or restore else Action.GONE
    if disk == new:
        return Action.SAME
    if disk == old:
        return Action.UPDATE
    return Action.KEEP if new == old else Action.CONFLICT


def _row(path: str, action: Action, before: bytes | None, after: bytes | None) -> Row:
    return Row(path, action, before, after if action in _WRITES | {Action.CONFLICT} else before)
