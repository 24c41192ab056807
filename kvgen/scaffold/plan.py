"""Rendered files, what was recorded and the folder as it is, to a plan. Pure."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from kvgen.scaffold.lock import LOCK_FILE
from kvgen.scaffold.model import Answers, Large, RenderedFile, encoded
from kvgen.scaffold.project import PROJECT_FILE


class Action(StrEnum):
    """What happens to one file."""

    ADD = "add"
    SAME = "same"
    UPDATE = "update"
    KEEP = "keep"
    MERGE = "merge"
    GONE = "gone"
    RETIRE = "retire"
    CONFLICT = "conflict"


_WRITES = frozenset({Action.ADD, Action.UPDATE, Action.MERGE, Action.RETIRE})


class Row(NamedTuple):
    """One file of a plan: its bytes before (None: no file) and after (None: no file).

    ``reason`` says why where the action alone does not; ``marked`` shows the two sides of a
    conflict, with git's marks around them.
    """

    path: str
    action: Action
    before: bytes | None
    after: bytes | None
    reason: str = ""
    marked: bytes = b""


class Plan(NamedTuple):
    """What a run does, in the order in which it does it: the lock comes last.

    ``unfinished`` says that an earlier run was cut short, and that this plan ends what it began.
    ``changed`` are the patterns, none of kvgen's own, whose templates have changed since.
    """

    rows: tuple[Row, ...]
    unfinished: bool = False
    changed: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[Row, ...]:
        """The rows that write or remove something."""
        return tuple(row for row in self.rows if row.action in _WRITES)

    @property
    def conflicts(self) -> tuple[Row, ...]:
        """The rows for which the whole folder is refused."""
        return tuple(row for row in self.rows if row.action is Action.CONFLICT)


class Addition(NamedTuple):
    """A plan, and what it leaves to the user: a README section that did not merge is in ``kept``.

    ``answers`` are those of the function afterwards. ``is_there`` says that the function has the
    pattern already, so that the plan is empty.
    """

    plan: Plan
    answers: Answers
    is_there: bool = False
    kept: tuple[str, ...] = ()


class Merged(NamedTuple):
    """Three versions in one, as ``content``; or None, with the ``reason`` and both sides."""

    content: bytes | None
    reason: str = ""
    marked: bytes = b""


#: Merges the file at a path: (path, recorded or None, on disk, new) -> Merged.
Merge = Callable[[str, bytes | None, bytes, bytes], Merged]


def plan_files(
    rendered: Iterable[RenderedFile],
    recorded: Mapping[str, str],
    disk: Mapping[str, bytes],
    merge: Merge,
    *,
    restore: bool = False,
) -> tuple[Row, ...]:
    """Plan the files that templates make, sorted by path.

    ``recorded`` is the text that kvgen last wrote, by path, ``disk`` what lies there now.
    ``merge`` is asked where both the user and kvgen changed a file. ``restore`` brings back a
    file that was deleted, which otherwise stays so.
    """
    new = {file.path: encoded(file.text) for file in rendered}
    old = {path: encoded(text) for path, text in recorded.items()}
    rows = []
    for path in sorted(new.keys() | (old.keys() & disk.keys())):
        versions = (new.get(path), old.get(path), disk.get(path))
        rows.append(_row(path, *versions, merge, restore=restore))
    return tuple(rows)


def plan_project(text: str, disk: Mapping[str, bytes], *, mine: bool) -> Row:
    """Plan kvgen.toml; ``mine`` says that what it holds may be replaced by the text."""
    before, after = disk.get(PROJECT_FILE), text.encode("utf-8")
    if before is None or before == after or mine:
        return _written(PROJECT_FILE, before, after)
    return Row(PROJECT_FILE, Action.CONFLICT, before, before, "you edited it")


def plan_lock(text: str, disk: Mapping[str, bytes]) -> Row:
    """Plan kvgen.lock, which nobody edits."""
    return _written(LOCK_FILE, disk.get(LOCK_FILE), text.encode("utf-8"))


def to_record(
    rendered: Iterable[RenderedFile], rows: Iterable[Row], recorded: Mapping[str, str]
) -> tuple[RenderedFile, ...]:
    """Return what the lock says of each file when the rows are done: the text as last written.

    A file that was deleted keeps the text it had then, so that it counts as unedited when
    version control brings it back; so does one that was left alone unread.
    """
    kept = {row.path for row in rows if row.before is None and row.after is None}
    if not kept:
        return tuple(rendered)
    return tuple(
        RenderedFile(file.path, recorded[file.path]) if file.path in kept else file
        for file in rendered
        if file.path not in kept or file.path in recorded
    )


def _row(
    path: str,
    new: bytes | None,
    old: bytes | None,
    disk: bytes | None,
    merge: Merge,
    *,
    restore: bool,
) -> Row:
    if isinstance(disk, Large):
        return Row(path, Action.KEEP, None, None, "it is too large to be read, and is left alone")
    if new is None:
        return _retired(path, old, disk)
    if disk is None:
        add = old is None or restore
        return Row(path, Action.ADD, None, new) if add else Row(path, Action.GONE, None, None)
    if disk in (new, old):
        return _written(path, disk, new)
    if new == old:
        return Row(path, Action.KEEP, disk, disk)
    return _merged(path, disk, merge(path, old, disk, new))


def _retired(path: str, old: bytes | None, disk: bytes | None) -> Row:
    if disk == old:
        return Row(path, Action.RETIRE, disk, None)
    return Row(path, Action.KEEP, disk, disk, "kvgen no longer makes it, so it is yours now")


def _merged(path: str, disk: bytes, merged: Merged) -> Row:
    if merged.content is None:
        return Row(path, Action.CONFLICT, disk, disk, merged.reason, merged.marked)
    action = Action.KEEP if merged.content == disk else Action.MERGE
    return Row(path, action, disk, merged.content, merged.reason)


def _written(path: str, before: bytes | None, after: bytes) -> Row:
    if before == after:
        return Row(path, Action.SAME, before, before)
    return Row(path, Action.ADD if before is None else Action.UPDATE, before, after)
