"""What `kvgen new` asks about a pattern's options."""

from collections.abc import Mapping, Sequence

from kvgen.cli.picker import ask
from kvgen.cli.terminal import block
from kvgen.scaffold.answers import check_option
from kvgen.scaffold.model import Option


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
