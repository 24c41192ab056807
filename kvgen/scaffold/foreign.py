"""A pattern into a function that kvgen did not make: recognised, and left alone."""

from collections.abc import Mapping
from pathlib import Path

from kvgen.errors import ConflictError, InvalidAnswerError, KvgenError
from kvgen.languages.describe import BY_NAME, LANGUAGES
from kvgen.scaffold.answers import check_language, check_name
from kvgen.scaffold.catalog import load_pattern, written_in
from kvgen.scaffold.common import KV_OPTION, check_common
from kvgen.scaffold.disk import read_disk, read_file
from kvgen.scaffold.function import check_pattern, split_options
from kvgen.scaffold.lock import LOCK_FILE, lock_text
from kvgen.scaffold.model import Answers, Pattern, encoded
from kvgen.scaffold.plan import Action, Addition, Plan, Row, plan_lock, plan_project
from kvgen.scaffold.project import project_text
from kvgen.scaffold.render import origins_of, render
from kvgen.scaffold.roots import OWN, Templates, with_record
from kvgen.scaffold.staging import leftovers
from kvgen.toml import read_toml

_MANIFEST = "func.toml"


def plan_foreign(
    folder: Path,
    pattern: Pattern,
    given: Mapping[str, str],
    language: str | None,
    templates: Templates = OWN,
) -> Addition:
    """Plan to bring a pattern into a function that kvgen did not make, and nothing else.

    Raises ConflictError for a file of the same name, KvgenError if no language is recognised.
    """
    common, own = split_options(given)
    chosen = _language_of(folder, language)
    answers = Answers(
        language=chosen,
        name=_name_of(folder),
        handler=None,
        common=check_common(BY_NAME[chosen], common),
        patterns={pattern.name: check_pattern(pattern, own)},
        templates=with_record(templates, folder),
    )
    written_in(pattern, answers.language)
    files = render(answers)
    disk = read_disk(folder, [*(file.path for file in files), LOCK_FILE])
    _refuse_collisions(folder, pattern, disk)
    rows = [Row(f.path, Action.ADD, None, encoded(f.text)) for f in files]
    project = plan_project(project_text(answers), {}, mine=True)
    left = bool(leftovers(folder))
    plan = Plan(
        (project, *rows, plan_lock(lock_text(files, origins_of(answers)), {})), unfinished=left
    )
    return Addition(plan, answers)


def dependencies_of(answers: Answers) -> tuple[str, ...]:
    """Return the packages that the patterns and the KV client need, in the language's notation."""
    language = BY_NAME[answers.language]
    patterns = [load_pattern(name, answers.templates) for name in answers.patterns]
    own = [pattern.languages[language.name].dependencies for pattern in patterns]
    store = language.stores.get(str(answers.common.get(KV_OPTION.name)), ())
    needed = {*language.kv_dependencies, *store, *(each for group in own for each in group)}
    return tuple(sorted(needed))


def _refuse_collisions(folder: Path, pattern: Pattern, disk: Mapping[str, bytes]) -> None:
    if disk:
        raise ConflictError(
            f"{folder} has files of the same name as {pattern.name} brings: "
            + ", ".join(sorted(disk)),
            "rename them, and try again; nothing was written",
        )


def _language_of(folder: Path, asked: str | None) -> str:
    if asked:
        return check_language(asked).name
    found = [la.name for la in LANGUAGES if (folder / la.entries[0]).is_file()]
    if len(found) == 1:
        return found[0]
    entries = ", ".join(language.entries[0] for language in LANGUAGES)
    if found:
        raise InvalidAnswerError(
            f"{folder} has the entry points of {' and '.join(found)}",
            f"say which with -l, for example -l {found[0]}",
        )
    raise KvgenError(
        f"{folder} holds no function: it has none of {entries}",
        "kvgen new makes one; or say the language with -l",
    )


def _name_of(folder: Path) -> str:
    """Return the name that func.toml or the folder has, if it is one that the platform takes."""
    content = read_file(folder, _MANIFEST) or b""
    try:
        manifest = read_toml(content.decode("utf-8-sig"))
        said = manifest.get("edge_compute", {}).get("func_name")
    except (ValueError, AttributeError, RecursionError):
        said = None
    for name in (said, folder.resolve().name):
        try:
            return check_name(name if isinstance(name, str) else "")
        except InvalidAnswerError:
            continue
    return "function"
