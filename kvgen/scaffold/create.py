"""Plans a new folder from answers."""

from collections.abc import Mapping
from pathlib import Path

from kvgen.errors import ConflictError, InvalidAnswerError, KvgenError
from kvgen.files.paths import refuse_git
from kvgen.scaffold.disk import read_disk
from kvgen.scaffold.function import new_function, read_answers, refuse_other_answers
from kvgen.scaffold.lock import LOCK_FILE, lock_text, read_lock
from kvgen.scaffold.merge import merge
from kvgen.scaffold.model import Answers, Pattern
from kvgen.scaffold.plan import Plan, plan_files, plan_lock, plan_project
from kvgen.scaffold.project import PROJECT_FILE, project_text
from kvgen.scaffold.render import origins_of, render
from kvgen.scaffold.roots import OWN, Templates, with_record
from kvgen.scaffold.staging import leftovers, swapped_texts


def plan_new(folder: Path, answers: Answers, *, force: bool = False) -> Plan:
    """Plan a scaffold in ``folder``, which is missing or empty (a bare ``.git`` counts as empty).

    With ``force`` the folder may hold the function that the answers are of: what is missing is
    added, what kvgen can prove to be its own and unedited is replaced, and what was edited is
    merged. Raises ConflictError for the rest.
    """
    check_target(folder, force)
    answers = answers._replace(templates=with_record(answers.templates, folder))
    files = render(answers)
    lock = read_lock(folder) if force else None
    left = leftovers(folder) if force else []
    recorded = {**(lock.texts if lock else {}), **(swapped_texts(folder, left) or {})}
    paths = {file.path for file in files} | recorded.keys() | {PROJECT_FILE, LOCK_FILE}
    disk = read_disk(folder, paths)
    if disk and not force:
        # Another run has made it since.
        raise ConflictError(f"{folder} is not empty", _way_on(folder, set(disk)))
    present = disk.get(PROJECT_FILE)  # what it says are the answers, and its words are the user's
    text = project_text(answers) if present is None else present.decode("utf-8")
    project = plan_project(text, disk, mine=False)
    rows = plan_files(files, recorded, disk, merge, restore=True)
    plan = Plan(
        (project, *rows, plan_lock(lock_text(files, origins_of(answers)), disk)),
        unfinished=bool(left or leftovers(folder.parent, folder.name)),
    )
    if plan.conflicts:
        raise ConflictError(
            f"{folder} holds files that kvgen did not write or that were edited: "
            + ", ".join(row.path for row in plan.conflicts),
            "move them away, or choose another folder",
        )
    return plan


def answers_to_restore(
    folder: Path,
    pattern: Pattern,
    language: str,
    name: str | None,
    given: Mapping[str, str],
    templates: Templates = OWN,
) -> Answers:
    """Return the answers of the function in a folder, which is what was asked for; or new ones.

    Raises ConflictError for a folder that was not made for the same pattern and language,
    InvalidAnswerError if it was made with other answers than the given ones.
    """
    if not _is_made(folder, pattern):
        name = folder.name if name is None else name
        return new_function(pattern, language, name, given, templates)
    answers = read_answers(folder, templates)[1]
    if (answers.handler, answers.language) != (pattern.name, language):
        made = f"a {answers.language} function with {', '.join(answers.patterns)}"
        is_there = pattern.name in answers.patterns
        raise ConflictError(
            f"{folder} holds {made}, and --force only brings back what is missing of it",
            (
                "choose another folder"
                if is_there
                else f"to add the pattern to it: kvgen add {pattern.name} {folder}"
            ),
        )
    if name not in (None, answers.name):
        raise InvalidAnswerError(
            f"{folder} has the name {answers.name!r} already", f"change it in {PROJECT_FILE}"
        )
    refuse_other_answers(folder, pattern, answers, given)
    return answers


def check_target(folder: Path, force: bool) -> None:
    """Check that a scaffold may go into ``folder``; raises ConflictError if it may not."""
    refuse_git(folder)
    try:
        present = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise ConflictError(f"{folder} is a file, not a folder", "choose another folder") from None
    except OSError as error:
        raise KvgenError(f"{folder}: {error.strerror}") from None
    if present - {".git"} and not force:
        raise ConflictError(f"{folder} is not empty", _way_on(folder, present))


def _way_on(folder: Path, present: set[str]) -> str:
    if PROJECT_FILE in present:
        return (
            f"kvgen add PATTERN {folder} adds a pattern to it; to bring back files that are "
            "missing, add --force"
        )
    return f"choose another folder; kvgen add PATTERN {folder} adds a pattern to a function"


def _is_made(folder: Path, pattern: Pattern) -> bool:
    """Whether there is a function of kvgen's; raises ConflictError for other files."""
    if (folder / PROJECT_FILE).exists():
        return True
    if folder.is_dir() and {e.name for e in folder.iterdir()} - {".git"} and not leftovers(folder):
        raise ConflictError(
            f"{folder} is not a folder that kvgen made",
            f"to add a pattern to the function in it: kvgen add {pattern.name} {folder}",
        )
    return False
