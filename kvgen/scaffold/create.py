"""The way from answers to the plan of a new folder."""

from pathlib import Path

from kvgen.errors import ConflictError, KvgenError
from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.disk import read_disk
from kvgen.scaffold.lock import LOCK_FILE, lock_text, read_lock
from kvgen.scaffold.merge import merge
from kvgen.scaffold.model import Answers, Pattern
from kvgen.scaffold.plan import Merged, Plan, plan_files, plan_lock, plan_project
from kvgen.scaffold.project import PROJECT_FILE, parse_project, project_text
from kvgen.scaffold.render import render
from kvgen.scaffold.staging import leftovers, swapped_texts


def plan_new(folder: Path, pattern: Pattern, answers: Answers, *, force: bool = False) -> Plan:
    """Plan a scaffold in ``folder``, which is missing or empty (a bare ``.git`` counts as empty).

    With ``force`` the folder may hold other things: what is missing is added, what kvgen can prove
    to be its own and unedited is replaced, and what was edited is merged. Raises ConflictError
    for the rest.
    """
    check_target(folder, force)
    files = render(pattern, answers)
    lock = read_lock(folder) if force else None
    left = leftovers(folder) if force else []
    recorded = {**(lock.texts if lock else {}), **swapped_texts(left)}
    paths = {file.path for file in files} | recorded.keys() | {PROJECT_FILE, LOCK_FILE}
    disk = read_disk(folder, paths)
    project = plan_project(
        project_text(answers), disk, mine=_is_unedited_project(disk.get(PROJECT_FILE))
    )
    rows = plan_files(files, recorded, disk, _merge, restore=True)
    plan = Plan(
        (project, *rows, plan_lock(lock_text(files), disk)),
        unfinished=bool(left or leftovers(folder.parent, folder.name)),
    )
    if plan.conflicts:
        raise ConflictError(
            f"{folder} holds files that kvgen did not write or that were edited: "
            + ", ".join(row.path for row in plan.conflicts),
            "move them away, or choose another folder",
        )
    return plan


def _merge(path: str, base: bytes | None, mine: bytes, new: bytes) -> Merged:
    return merge(base, mine, new)


def check_target(folder: Path, force: bool) -> None:
    """Check that a scaffold may go into ``folder``; raises ConflictError where it may not."""
    try:
        present = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise ConflictError(f"{folder} is a file, not a folder", "choose another folder") from None
    except OSError as error:
        raise KvgenError(f"{folder}: {error.strerror}") from None
    if present - {".git"} and not force:
        raise ConflictError(
            f"{folder} is not empty",
            "choose another folder, or add --force to add what is missing there",
        )


def _is_unedited_project(content: bytes | None) -> bool:
    """Whether a kvgen.toml says nothing but answers, in just the way in which kvgen writes them."""
    try:
        text = (content or b"").decode("utf-8")
        project = parse_project(text)
        pattern = load_pattern(project.pattern)
        answers = check_answers(pattern, project.language, project.name, project.options)
    except (ValueError, KvgenError):
        return False
    return project_text(answers) == text
