"""Questions on a terminal: they say what there is to choose, and come again after a bad answer."""

import sys
from collections.abc import Callable, Sequence

import click

from kvgen.cli.terminal import block, echo, styled
from kvgen.cli.wrapping import width_of, wrapped
from kvgen.errors import KvgenError


def pick(title: str, choices: Sequence[tuple[str, str]], check: Callable[[str], str]) -> str:
    """Show the choices, a name and what it is each, and return the name that was chosen.

    A choice is made by its number or by what ``check`` makes a name of; see ``ask``.
    """
    import textwrap

    for number, (name, what) in enumerate(choices, start=1):
        echo(f"  {number}  ", styled(name, bold=True), err=True)
        for line in what.splitlines():
            block(
                textwrap.indent(textwrap.fill(line, 72, break_on_hyphens=False), "     "),
                err=True,
                fill=True,
            )
    by_number = {str(number): name for number, (name, _) in enumerate(choices, start=1)}
    return ask(
        f"{title} (1-{len(choices)} or a name)", lambda text: by_number.get(text) or check(text)
    )


def ask(question: str, check: Callable[[str], str], default: str | None = None) -> str:
    """Ask until ``check`` returns what the answer stands for; its KvgenError says what is wrong."""

    def checked(text: str) -> str:
        try:
            return check(text.strip())
        except KvgenError as error:
            hint = f"\nHint: {error.hint}" if error.hint else ""
            said = wrapped(f"Error: {error.message}{hint}", width_of(sys.stderr))
            # click.prompt says the first word.
            raise click.UsageError(said.removeprefix("Error: ")) from None

    answer: str = click.prompt(
        question, default=default, show_default=bool(default), value_proc=checked, err=True
    )
    return answer
