"""What a kvgen.toml says, checked against the patterns: the answers of a function."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.answers import check_language, check_name, check_options
from kvgen.scaffold.catalog import load_pattern, written_in
from kvgen.scaffold.common import ALL_COMMON, check_common, common_options
from kvgen.scaffold.model import Answers, Option, Pattern, Value
from kvgen.scaffold.project import (
    PROJECT_FILE,
    Project,
    not_right,
    parse_project,
    read_project_text,
)
from kvgen.scaffold.roots import OWN, Templates, of_function
from kvgen.scaffold.words import did_you_mean


def read_answers(folder: Path, templates: Templates = OWN) -> tuple[str, Answers]:
    """Read a folder's kvgen.toml; returns its text too.

    Raises KvgenError for a text that is not right, InvalidAnswerError for an illegal answer, both
    with the file.
    """
    text = read_project_text(folder)
    try:
        return text, check_project(folder, parse_project(text), templates)
    except ValueError as error:
        raise not_right(folder, error) from None
    except InvalidAnswerError as error:
        raise InvalidAnswerError(f"{folder / PROJECT_FILE}: {error.message}", error.hint) from None


def check_project(folder: Path, said: Project, templates: Templates = OWN) -> Answers:
    """Check all that the kvgen.toml of a folder says; ``templates`` are where else to look.

    Raises InvalidAnswerError for what is illegal, KvgenError if its templates are gone.
    """
    language = check_language(said.language)
    templates = of_function(templates, folder, said.templates)
    patterns = {}
    for name, options in said.patterns.items():
        pattern = load_pattern(name, templates)
        written_in(pattern, language.name)
        patterns[name] = check_pattern(pattern, options, where=f"patterns.{name}.")
    if said.handler is not None and said.handler not in patterns:
        raise InvalidAnswerError(
            f"handler = {said.handler!r}: it is not one of the patterns below"
            + did_you_mean(said.handler, patterns),
            f"the patterns are {', '.join(patterns) or 'missing'}",
        )
    common, name = check_common(language, said.common, where=""), _name(said.name)
    ordered = dict(sorted(patterns.items()))
    return Answers(language.name, name, said.handler, common, ordered, templates)


def new_function(
    pattern: Pattern,
    language: str,
    name: str,
    given: Mapping[str, str],
    templates: Templates = OWN,
) -> Answers:
    """Check what was asked for a new function: its name, and options of it and of the pattern."""
    written_in(pattern, language)
    common, own = split_options(given)
    values = check_pattern(pattern, own)
    return Answers(
        language=language,
        name=check_name(name),
        handler=pattern.name,
        common=check_common(BY_NAME[language], common),
        patterns={pattern.name: values},
        templates=templates,
    )


def check_pattern(
    pattern: Pattern, given: Mapping[str, str], where: str = "--"
) -> dict[str, Value]:
    """Check the options of one pattern; returns a value for each of them."""
    return check_options(pattern.options, given, where, f" of the pattern {pattern.name!r}")


def split_options(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Split options into those that a function has once and those of a pattern."""
    names = [option.name for option in ALL_COMMON]
    common = {name: text for name, text in given.items() if name in names}
    return common, {name: text for name, text in given.items() if name not in names}


def refuse_other_answers(
    folder: Path, pattern: Pattern, answers: Answers, given: Mapping[str, str]
) -> None:
    """Raise InvalidAnswerError where options of a pattern or of all differ from a function's."""
    common, own = split_options(given)
    changed = {
        **_changed(common_options(BY_NAME[answers.language]), common, answers.common, ""),
        **_changed(pattern.options, own, answers.patterns[pattern.name], f"{pattern.name}."),
    }
    for option, text in changed.items():
        raise InvalidAnswerError(
            f"{folder} exists with another --{option.rpartition('.')[2]}",
            f"to change it: kvgen regenerate {folder} --set {option}={text}",
        )


def refuse_lost_handler(
    folder: Path, answers: Answers, made: Iterable[str], recorded: Iterable[str]
) -> None:
    """Raise KvgenError where the handler was made for a pattern that kvgen.toml no longer names.

    Without its line the folder looks like one that kvgen did not make, and all that only such a
    folder lacks, the handler itself too, would be removed.
    """
    path = BY_NAME[answers.language].handler
    if answers.handler is None and path in recorded and path not in made:
        choices = " or ".join(f'handler = "{name}"' for name in answers.patterns)
        raise KvgenError(
            f"{folder / PROJECT_FILE}: it has no handler, and kvgen made {path} for one",
            f"put the line back: {choices or 'restore the file from version control'}",
        )


def _changed(
    options: Sequence[Option], given: Mapping[str, str], present: Mapping[str, Value], where: str
) -> dict[str, str]:
    checked = check_options(options, given) if given else {}
    return {f"{where}{n}": text for n, text in given.items() if checked[n] != present[n]}


def _name(name: str) -> str:
    try:
        return check_name(name, where="")
    except InvalidAnswerError as error:
        raise InvalidAnswerError(error.message, 'for example name = "session-store"') from None
