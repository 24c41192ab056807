"""A choice on a terminal that says what each of the things is."""

import textwrap
from collections.abc import Sequence

import click


def pick(title: str, choices: Sequence[tuple[str, str]]) -> str:
    """Show the choices, a name and what it is each, and return the name that was chosen.

    A choice is made by its name or its number.
    """
    for number, (name, what) in enumerate(choices, start=1):
        click.echo(f"  {number}  {click.style(name, bold=True)}", err=True)
        click.echo(textwrap.indent(textwrap.fill(what, 72), "     "), err=True)
    names = [name for name, _ in choices]
    by_word = {str(number): name for number, name in enumerate(names, start=1)}
    words = click.Choice([*names, *by_word], case_sensitive=False)
    prompt = f"{title} (1-{len(names)} or a name)"
    answer: str = click.prompt(prompt, type=words, show_choices=False, err=True)
    return by_word.get(answer, answer)
