"""Plans the folder of a function for one more pattern, or for one less."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from kvgen.errors import ConflictError, InvalidAnswerError, KvgenError
from kvgen.scaffold.answers import check_language
from kvgen.scaffold.catalog import load_pattern, written_in
from kvgen.scaffold.common import check_common
from kvgen.scaffold.disk import read_disk
from kvgen.scaffold.edits import change_options, with_pattern, without_pattern
from kvgen.scaffold.foreign import plan_foreign
from kvgen.scaffold.function import (
    check_pattern,
    read_answers,
    refuse_lost_handler,
    refuse_other_answers,
    split_options,
)
from kvgen.scaffold.lock import LOCK_FILE, lock_text, read_lock, way_on
from kvgen.scaffold.merge import merge
from kvgen.scaffold.model import Answers, Pattern, RenderedFile, encoded
from kvgen.scaffold.plan import (
    Action,
    Addition,
    Plan,
    plan_files,
    plan_lock,
    plan_project,
    to_record,
)
from kvgen.scaffold.project import PROJECT_FILE, not_right
from kvgen.scaffold.regenerate import plan_regeneration
from kvgen.scaffold.render import origins_of, render
from kvgen.scaffold.roots import OWN, Templates, with_record
from kvgen.scaffold.staging import leftovers, swapped_texts
from kvgen.scaffold.words import did_you_mean, shown

_README = "README.md"


def plan_add(
    folder: Path,
    pattern: Pattern,
    given: Mapping[str, str],
    language: str | None = None,
    templates: Templates = OWN,
) -> Addition:
    """Plan to add a pattern to the function of a folder, made by kvgen or recognised.

    Only files are planned that the pattern brings or that it changes: never the handler. Raises
    ConflictError for a file of the user's that is in the way, InvalidAnswerError for an illegal
    answer, KvgenError if there is no function.
    """
    if not folder.is_dir():
        raise KvgenError(f"{folder} is not a folder", f"kvgen new {pattern.name} makes one")
    if (folder / PROJECT_FILE).exists():
        return _add_to_own(folder, pattern, given, language, templates)
    return plan_foreign(folder, pattern, given, language, templates)


def plan_remove(folder: Path, name: str, templates: Templates = OWN) -> Plan:
    """Plan to take a pattern out of a function: its files and its lines in shared ones.

    What was edited is kept. Raises InvalidAnswerError if the function does not have the
    pattern, ConflictError if its handler was written for it.
    """
    text, before = read_answers(folder, templates)
    if name not in before.patterns:
        if leftovers(folder):
            return plan_regeneration(folder, templates=templates)
        raise InvalidAnswerError(
            f"{folder} does not have the pattern {shown(name)}"
            + did_you_mean(name, before.patterns),
            f"it has {', '.join(before.patterns) or 'none'}",
        )
    if before.handler == name:
        raise ConflictError(
            f"the handler of {folder} was written for the pattern {name!r}",
            "remove the folder, or use kvgen new in another one",
        )
    left = {key: values for key, values in before.patterns.items() if key != name}
    try:
        changed = without_pattern(text, name)
    except ValueError as error:
        raise not_right(folder, error) from None
    return _plan(folder, before, before._replace(patterns=left), (text, changed))[0]


def _add_to_own(
    folder: Path,
    pattern: Pattern,
    given: Mapping[str, str],
    language: str | None,
    templates: Templates,
) -> Addition:
    text, before = read_answers(folder, templates)
    _refuse_other_language(folder, before, language)
    common, own = split_options(given)
    if common:
        check_common(check_language(before.language), common)
        name, value = next(iter(common.items()))
        raise InvalidAnswerError(
            f"--{name} belongs to the whole function, not to one pattern",
            f"kvgen regenerate {folder} --set {name}={value}",
        )
    pattern = load_pattern(pattern.name, before.templates)
    written_in(pattern, before.language)
    values = check_pattern(pattern, own)
    if pattern.name in before.patterns:
        refuse_other_answers(folder, pattern, before, own)
        if leftovers(folder):
            return Addition(plan_regeneration(folder, templates=templates), before)
        return Addition(Plan(()), before, is_there=True)
    patterns = dict(sorted({**before.patterns, pattern.name: values}.items()))
    found = with_record(before.templates, folder)
    after = before._replace(patterns=patterns, templates=found)
    try:
        changed = with_pattern(text, pattern.name, values)
        if found != before.templates:
            changed = change_options(changed, {("templates",): found.recorded})
    except ValueError as error:
        raise not_right(folder, error) from None
    plan, kept = _plan(folder, before, after, (text, changed))
    return Addition(plan, after, kept=kept)


def _plan(
    folder: Path, before: Answers, after: Answers, texts: tuple[str, str]
) -> tuple[Plan, tuple[str, ...]]:
    """Plan the files that come out differently, and return those that did not merge.

    ``texts`` are those of kvgen.toml. All other files are left as they are, also where a newer
    kvgen would make them differently.
    """
    left = leftovers(folder)
    known = _recorded(folder, left)
    old = {file.path: file.text for file in render(before)}
    new = {file.path: file for file in render(after)}
    refuse_lost_handler(folder, before, old, known)
    files = [file for path, file in new.items() if old.get(path) != file.text]
    touched = {file.path for file in files} | (old.keys() - new.keys())
    recorded = {path: text for path, text in known.items() if path in touched}
    disk = read_disk(folder, touched | {LOCK_FILE}) | {PROJECT_FILE: texts[0].encode("utf-8")}
    _refuse_strangers(folder, files, recorded, disk)
    rows = plan_files(files, recorded, disk, merge)
    clashing = [row for row in rows if row.action is Action.CONFLICT]
    if blocking := [f"{row.path}: {row.reason}" for row in clashing if row.path != _README]:
        raise ConflictError(
            f"{folder} is left as it was; {'; '.join(blocking)}",
            "undo your edit there, run the command again, and put the edit back",
        )
    kept = tuple(row.path for row in clashing)
    # A README that is kept counts as brought up to date: what is missing in it was printed.
    rows = tuple(row._replace(action=Action.KEEP) if row.path in kept else row for row in rows)
    others = [RenderedFile(path, text) for path, text in known.items() if path not in touched]
    lock = plan_lock(
        lock_text([*others, *to_record(files, rows, recorded)], origins_of(after)), disk
    )
    project = plan_project(texts[1], disk, mine=True)
    return Plan((project, *rows, lock), unfinished=bool(left)), kept


def _recorded(folder: Path, left: list[str]) -> dict[str, str]:
    """Return what counts as kvgen's last text of each file."""
    lock, swapped = read_lock(folder), swapped_texts(folder, left)
    if lock is None and swapped is None:
        raise KvgenError(f"{folder} has no {LOCK_FILE}", way_on(folder))
    return {**(lock.texts if lock else {}), **(swapped or {})}


def _refuse_strangers(
    folder: Path,
    files: Iterable[RenderedFile],
    recorded: Mapping[str, str],
    disk: Mapping[str, bytes],
) -> None:
    """Raise ConflictError for files that kvgen did not write and whose names it would take."""
    strangers = [
        file.path
        for file in files
        if file.path in disk and file.path not in recorded and disk[file.path] != encoded(file.text)
    ]
    if strangers:
        raise ConflictError(
            f"{folder} has files of the same name, not made by kvgen: {', '.join(strangers)}",
            "rename them, and try again; nothing was written",
        )


def _refuse_other_language(folder: Path, answers: Answers, language: str | None) -> None:
    if language and check_language(language).name != answers.language:
        raise InvalidAnswerError(
            f"--language {language!r}: {folder} is a {answers.language} function",
            "leave out --language",
        )
