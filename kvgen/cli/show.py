"""`kvgen show`: the code that would be written."""

import json
import sys
from pathlib import Path, PurePosixPath

import click

from kvgen.cli import completers
from kvgen.cli.overlay import around, templates_option
from kvgen.cli.terminal import block, echo, is_coloured, styled
from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.answers import check_language
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import new_function
from kvgen.scaffold.model import RenderedFile
from kvgen.scaffold.roots import Templates
from kvgen.scaffold.settings import check_changes
from kvgen.scaffold.words import did_you_mean, shown


@click.command()
@click.argument("pattern", shell_complete=completers.patterns)
@click.option("-l", "--language", help="The language.", shell_complete=completers.languages)
@click.argument("file", required=False, shell_complete=completers.files_of_pattern)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="OPTION=VALUE",
    help="Change an option.",
    shell_complete=completers.settings_of_pattern,
)
@click.option("--all", "every", is_flag=True, help="Print every file, not just the handler.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object of path and text.")
@templates_option
def show(
    pattern: str,
    language: str | None,
    file: str | None,
    assignments: tuple[str, ...],
    every: bool,
    as_json: bool,
    templates: Templates,
) -> None:
    """Print the code of PATTERN in a language: its handler, or FILE."""
    from kvgen.scaffold.render import render  # here: to complete a word takes none of it

    templates = around(templates, Path())
    declared = load_pattern(pattern, templates)
    if language is None and len(declared.languages) == 1:
        language = next(iter(declared.languages))
    if language is None:
        names = ", ".join(f"-l {known}" for known in declared.languages)
        raise InvalidAnswerError("no language was given", f"add one of {names}")
    chosen = check_language(language)
    name = f"{pattern}-{chosen.name}"
    answers = new_function(declared, chosen.name, name, check_changes(assignments), templates)
    files = render(answers)
    wanted = files if every else (_named(files, file or chosen.handler),)
    if as_json:
        block(json.dumps({entry.path: entry.text for entry in wanted}, indent=2))
        return
    for entry in wanted:
        if every:
            echo(styled(f"==> {entry.path} <==", bold=True))
        click.echo(_highlighted(entry), nl=False, color=is_coloured(sys.stdout))
    others = [entry.path for entry in files if entry not in wanted]
    if others and sys.stderr.isatty():
        block(f"\nThere are also {', '.join(others)}", dim=True, err=True, fill=True)


def _named(files: tuple[RenderedFile, ...], path: str) -> RenderedFile:
    by_path = {file.path: file for file in files}
    if path not in by_path:
        raise InvalidAnswerError(
            f"no file {shown(path)}{did_you_mean(path, by_path)}",
            f"the files are {', '.join(by_path)}",
        )
    return by_path[path]


def _highlighted(file: RenderedFile) -> str:
    """Return the text, in colour where that is wanted."""
    if not is_coloured(sys.stdout):
        return file.text
    from pygments import highlight
    from pygments.formatters import TerminalFormatter
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_for_filename(PurePosixPath(file.path).name)
    except ClassNotFound:
        return file.text
    coloured: str = highlight(file.text, lexer, TerminalFormatter())
    return coloured
