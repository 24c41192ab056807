"""The way from answers to the plan of a new folder."""

from pathlib import Path

from kvgen.errors import ConflictError, KvgenError
from kvgen.scaffold.answers import check_answers
from kvgen.scaffold.apply import read_disk
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.model import Answers, Pattern
from kvgen.scaffold.plan import Plan, plan_files, plan_own_files
from kvgen.scaffold.project import (
    LOCK_FILE,
    PROJECT_FILE,
    lock_text,
    parse_project,
    project_text,
    read_lock,
)
from kvgen.scaffold.render import render


def plan_new(folder: Path, pattern: Pattern, answers: Answers, *, force: bool = False) -> Plan:
    """Plan a scaffold in ``folder``, which is missing or empty (a bare ``.git`` counts as empty).

    With ``force`` the folder may hold other things: what is missing is added, and what kvgen can
    prove to be its own and unedited is replaced. Raises ConflictError for the rest.
    """
    check_target(folder, force)
    files = render(pattern, answers)
    lock = read_lock(folder) if force else None
    recorded = lock.texts if lock else {}
    paths = {file.path for file in files} | recorded.keys() | {PROJECT_FILE, LOCK_FILE}
    disk = read_disk(folder, paths)
    plan = Plan(
        plan_files(files, recorded, disk, restore=True).rows
        + plan_own_files(
            project_text(answers),
            lock_text(files),
            disk,
            mine=_is_unedited_project(disk.get(PROJECT_FILE)),
        ).rows
    )
    if plan.conflicts:
        raise ConflictError(
            f"{folder} holds files that kvgen did not write or that were edited: "
            + ", ".join(row.path for row in plan.conflicts),
            "move them away, or choose another folder",
        )
    return plan


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
