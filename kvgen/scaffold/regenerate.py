"""Plans the update of a folder from its kvgen.toml."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.disk import read_disk
from kvgen.scaffold.function import refuse_lost_handler
from kvgen.scaffold.lock import LOCK_FILE, BrokenLockError, Lock, check_lock, lock_text, way_on
from kvgen.scaffold.merge import merge
from kvgen.scaffold.model import Answers, RenderedFile
from kvgen.scaffold.plan import (
    Action,
    Merge,
    Merged,
    Plan,
    Row,
    plan_files,
    plan_lock,
    plan_project,
    to_record,
)
from kvgen.scaffold.project import PROJECT_FILE, read_project_text
from kvgen.scaffold.render import origins_of, render
from kvgen.scaffold.roots import OWN, Templates
from kvgen.scaffold.settings import Settings, change_project
from kvgen.scaffold.side import Side
from kvgen.scaffold.staging import leftovers, swapped_texts
from kvgen.scaffold.words import did_you_mean, shown

_AS_IT_IS = Settings()


def plan_regeneration(
    folder: Path, settings: Settings = _AS_IT_IS, templates: Templates = OWN
) -> Plan:
    """Plan to render a folder again; ``templates`` are where to look besides its own.

    Where the user and kvgen changed the same lines the plan has conflicts, and is not for applying.
    Raises KvgenError for a kvgen.toml or kvgen.lock that is not right, InvalidAnswerError for an
    illegal answer.
    """
    before = read_project_text(folder)
    after, answers = change_project(folder, before, settings.changes, templates)
    files = render(answers)
    paths = [file.path for file in files]
    disk = _disk(folder, paths, before)
    lock, left = _usable_lock(folder, disk.get(LOCK_FILE), settings), leftovers(folder)
    recorded = _recorded(folder, files, lock, swapped_texts(folder, left), adopt=settings.adopt)
    refuse_lost_handler(folder, answers, paths, recorded)
    if others := recorded.keys() - disk.keys():
        disk |= read_disk(folder, others)
    if lock and not left:
        _refuse_stranger(folder, lock, files, disk)
    rows = plan_files(files, recorded, disk, _merging(settings.sides))
    _refuse_unknown(settings.sides, rows)
    project = plan_project(after, disk, mine=True)
    origins = origins_of(answers)
    return Plan(
        (project, *rows, _lock_row(lock, to_record(files, rows, recorded), origins, disk)),
        unfinished=bool(left),
        changed=_changed(lock, origins),
    )


def answers_after(folder: Path, settings: Settings, templates: Templates) -> Answers:
    """Return a folder's answers as the settings change them; raises as ``plan_regeneration``."""
    before = read_project_text(folder)
    return change_project(folder, before, settings.changes, templates)[1]


def _disk(folder: Path, paths: Sequence[str], project: str) -> dict[str, bytes]:
    """Read what lies there, besides the kvgen.toml that the answers were taken from."""
    disk = read_disk(folder, (LOCK_FILE, *paths))
    return disk | {PROJECT_FILE: project.encode("utf-8")}


def _usable_lock(folder: Path, content: bytes | None, settings: Settings) -> Lock | None:
    if content is None:
        return None
    try:
        return check_lock(folder, content)
    except BrokenLockError:
        if not settings.adopt:
            raise
        return None


def _recorded(
    folder: Path,
    files: Sequence[RenderedFile],
    lock: Lock | None,
    swapped: Mapping[str, str] | None,
    *,
    adopt: bool,
) -> Mapping[str, str]:
    """Return what counts as kvgen's last text of each file."""
    if lock or swapped is not None:
        return {**(lock.texts if lock else {}), **(swapped or {})}
    if adopt:
        # All that differs is then an edit, and all that is missing was deleted.
        return {file.path: file.text for file in files}
    raise KvgenError(
        f"{folder} has no {LOCK_FILE}, so what you edited cannot be told from what kvgen wrote",
        way_on(folder),
    )


def _refuse_stranger(
    folder: Path, lock: Lock, files: Sequence[RenderedFile], disk: Mapping[str, bytes]
) -> None:
    """Raise KvgenError for a lock that speaks of files that are neither here nor made."""
    recorded = lock.texts.keys()
    if not recorded or recorded & disk.keys() or recorded & {file.path for file in files}:
        return
    raise KvgenError(
        f"{folder / LOCK_FILE}: it matches no file of this folder, so it belongs to another folder",
        f"remove it, then: {way_on(folder)}",
    )


def _merging(sides: Mapping[str, Side]) -> Merge:
    def merge_at(path: str, base: bytes | None, mine: bytes, new: bytes) -> Merged:
        return merge(path, base, mine, new, sides.get(path))

    return merge_at


def _refuse_unknown(sides: Mapping[str, Side], rows: Sequence[Row]) -> None:
    known = [row.path for row in rows]
    for path in sides:
        if path not in known:
            raise InvalidAnswerError(
                f"--resolve {shown(path)}: kvgen makes no such file{did_you_mean(path, known)}",
                f"the files are {', '.join(known)}",
            )


def _changed(lock: Lock | None, origins: Mapping[str, str]) -> tuple[str, ...]:
    """Return the patterns whose templates are not those of the last time, kvgen's own aside."""
    if lock is None:
        return ()
    every = sorted(lock.origins.keys() | origins.keys())
    return tuple(name for name in every if lock.origins.get(name) != origins.get(name))


def _lock_row(
    lock: Lock | None,
    files: Sequence[RenderedFile],
    origins: Mapping[str, str],
    disk: Mapping[str, bytes],
) -> Row:
    """Plan the lock, which stays as it is where only kvgen's version would change."""
    texts = {file.path: file.text for file in files}
    if lock and lock.texts == texts and lock.origins == origins:
        return Row(LOCK_FILE, Action.SAME, disk[LOCK_FILE], disk[LOCK_FILE])
    return plan_lock(lock_text(files, origins), disk)
