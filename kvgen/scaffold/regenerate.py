"""The way from a folder's kvgen.toml to the plan that brings it up to date."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from kvgen.errors import ConflictError, InvalidAnswerError, KvgenError
from kvgen.scaffold.answers import check_answers, check_language, shown
from kvgen.scaffold.apply import read_disk
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.model import Answers
from kvgen.scaffold.plan import Plan, plan_files, plan_own_files
from kvgen.scaffold.project import (
    LOCK_FILE,
    PROJECT_FILE,
    change_options,
    lock_text,
    parse_project,
    read_lock,
    read_text,
)
from kvgen.scaffold.render import render

#: Folders in which no function of the user's lives, and which are large.
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


def find_folders(paths: Iterable[Path]) -> list[Path]:
    """Return every folder at or below the paths that has a kvgen.toml, sorted, each once.

    Raises KvgenError for a path that does not exist, or where there is none at all.
    """
    roots = list(paths)
    found: set[Path] = set()
    for root in roots:
        if not root.is_dir():
            raise KvgenError(f"{root} is not a folder", "name a folder that kvgen made")
        for place, folders, files in os.walk(root):
            folders[:] = [name for name in folders if name not in _SKIPPED]
            if PROJECT_FILE in files:
                found.add(Path(place))
    if not found:
        below = ", ".join(map(str, roots))
        raise KvgenError(f"no {PROJECT_FILE} at or below {below}", "kvgen new makes such a folder")
    return sorted(found)


def plan_regeneration(folder: Path, changes: Mapping[str, str]) -> Plan:
    """Plan to render a folder again, with some of its options changed.

    Raises KvgenError for a kvgen.toml or kvgen.lock that is not right, InvalidAnswerError for an
    illegal answer, ConflictError where a file was edited and its template changed as well.
    """
    path = folder / PROJECT_FILE
    before = read_text(path)
    try:
        after = change_options(before, changes)
        answers = _answers(after, f"{path}: ")
    except ValueError as error:
        raise KvgenError(f"{path}: {error}", "mend the file by hand and try again") from None
    lock = read_lock(folder)
    if lock is None:
        raise KvgenError(
            f"{folder} has no {LOCK_FILE}, so what you edited cannot be told from what kvgen wrote",
            f"take it from version control: git checkout {LOCK_FILE}",
        )
    files = render(load_pattern(answers.pattern), answers)
    paths = {file.path for file in files} | lock.texts.keys() | {PROJECT_FILE, LOCK_FILE}
    disk = read_disk(folder, paths)
    plan = plan_files(files, lock.texts, disk)
    if plan.conflicts:
        raise ConflictError(
            f"{folder}: edited, and changed by kvgen as well: "
            + ", ".join(row.path for row in plan.conflicts),
            "put your edits aside, run `kvgen regenerate` and make them again",
        )
    own = plan_own_files(after, lock_text(files), disk, mine=True)
    whole = Plan(plan.rows + own.rows)
    return whole if _changes_more_than_the_lock(whole) else whole.without_changes()


def _answers(project: str, where: str) -> Answers:
    said = parse_project(project)
    pattern = load_pattern(said.pattern)
    language = check_language(said.language).name
    return check_answers(pattern, language, said.name, said.options, where)


def check_changes(assignments: Iterable[str]) -> dict[str, str]:
    """Split ``OPTION=VALUE`` texts; raises InvalidAnswerError for one without ``=``."""
    changes = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name:
            raise InvalidAnswerError(
                f"--set {shown(assignment)}: an answer is set as OPTION=VALUE",
                "for example --set ttl=1h",
            )
        changes[name] = value
    return changes


def _changes_more_than_the_lock(plan: Plan) -> bool:
    return any(row.path != LOCK_FILE for row in plan.changes)
