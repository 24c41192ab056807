"""What `kvgen new` asks on a terminal: pattern, language, and the pattern's options."""

from collections.abc import Mapping, Sequence

from kvgen.cli.picker import ask, pick
from kvgen.cli.plans import is_interactive
from kvgen.cli.terminal import block
from kvgen.errors import InvalidAnswerError
from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold.answers import check_language, check_option
from kvgen.scaffold.catalog import handler_lines, load_pattern, pattern_names, written_in
from kvgen.scaffold.model import Option, Pattern
from kvgen.scaffold.roots import Templates


def ask_pattern(example: str, templates: Templates) -> str:
    """Ask for a pattern on a terminal; elsewhere raises InvalidAnswerError with the example."""
    names = pattern_names(templates)
    if not is_interactive():
        raise InvalidAnswerError("no pattern was given", example.format(pattern=names[-1]))
    patterns = [load_pattern(name, templates) for name in names]
    choices = [(pattern.name, pattern.summary) for pattern in patterns]
    return pick("Pattern", choices, lambda text: load_pattern(text, templates).name)


def ask_language(pattern: Pattern, example: str) -> str:
    """Ask for a language on a terminal, unless there is only one.

    Elsewhere raises InvalidAnswerError with the example.
    """
    if len(pattern.languages) == 1:
        return next(iter(pattern.languages))
    if not is_interactive():
        raise InvalidAnswerError("no language was given", example.format(pattern=pattern.name))
    lines = {name: handler_lines(pattern, name) for name in pattern.languages}
    known = [language for language in LANGUAGES if language.name in lines]
    choices = [
        (la.name, f"{la.trade_off}\n{la.needs}; a handler of {lines[la.name]} lines")
        for la in known
    ]
    return pick("Language", choices, lambda text: check_written(pattern, text))


def check_written(pattern: Pattern, text: str) -> str:
    """Return the name of a language that the pattern has, or raise InvalidAnswerError."""
    name = check_language(text).name
    written_in(pattern, name)
    return name


def ask_options(options: Sequence[Option], given: Mapping[str, str]) -> dict[str, str]:
    """Ask for each option that was not given; returns these too, and no answer that is a default.

    Of two options that exclude each other the second is asked for where the first has its default.
    """
    answers = dict(given)
    for option in options:
        if _is_open(option, options, answers):
            answer = _ask(option)
            if answer != option.default:
                answers[option.name] = answer
    return answers


def _is_open(option: Option, options: Sequence[Option], answers: Mapping[str, str]) -> bool:
    others = [other.name for other in options if other.instead_of == option.name]
    return not any(name in answers for name in (option.name, option.instead_of, *others))


def _ask(option: Option) -> str:
    def checked(text: str) -> str:
        check_option(option, text)
        return text

    block(option.help, err=True, fill=True)
    choices = f" ({'|'.join(option.choices)})" if option.choices else ""
    none = "" if option.default else " (Enter for none)"
    return ask(f"{option.name}{choices}{none}", checked, option.default)
