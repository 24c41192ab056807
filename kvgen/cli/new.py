"""`kvgen new`: scaffold an edge function into a new folder."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kvgen.cli.failures import stopping_leaves
from kvgen.cli.picker import ask, pick
from kvgen.cli.report import is_interactive, print_diff, print_receipt
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.answers import check_answers, check_language, check_name
from kvgen.scaffold.catalog import handler_lines, load_pattern, pattern_names
from kvgen.scaffold.model import LANGUAGES, Answers, Option, Pattern
from kvgen.scaffold.plan import Plan

_NOTHING = "nothing was written"
_EXAMPLE = "for example: kvgen new {pattern} my-{pattern} -l javascript"


class Patterns(click.Group):
    """A subcommand for each pattern in the catalog, with that pattern's options and no others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return pattern_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _command(load_pattern(cmd_name)) if cmd_name in pattern_names() else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args[0].startswith("-"):
            load_pattern(args[0])
        return super().resolve_command(ctx, args)


@click.group(cls=Patterns, invoke_without_command=True)
@click.pass_context
def new(ctx: click.Context) -> None:
    """Scaffold an edge function into a new folder.

    Choose the pattern first; each has options of its own. On a terminal kvgen new asks.
    """
    if ctx.invoked_subcommand is None:
        with stopping_leaves(_NOTHING):
            command = _command(load_pattern(_ask_pattern()))
        with command.make_context(f"{ctx.info_name} {command.name}", [], parent=ctx) as below:
            command.invoke(below)


def _command(pattern: Pattern) -> click.Command:
    def run(**given: Any) -> None:
        scaffold(pattern, **given)

    languages = "|".join(language.name for language in LANGUAGES)
    return click.Command(
        pattern.name,
        callback=run,
        help=f"{pattern.title}.\n\n{pattern.summary}",
        short_help=pattern.title,
        params=[
            click.Argument(["directory"], required=False, type=click.Path(path_type=Path)),
            click.Option(["-l", "--language"], metavar=languages, help="The language."),
            click.Option(["--name"], help="The function's name.  [default: the folder's]"),
            *(_option(option) for option in pattern.options),
            click.Option(["--dry-run"], is_flag=True, help="Show the diff and write nothing."),
            click.Option(
                ["--force"],
                is_flag=True,
                help="Add what is missing to a folder that is not empty, and replace what is "
                "kvgen's own and unedited.",
            ),
            click.Option(["--json", "as_json"], is_flag=True, help="Print a receipt as JSON."),
        ],
    )


def _option(option: Option) -> click.Option:
    default = f"  [default: {option.default}]" if option.default else ""
    kinds = {"duration-or-zero": "duration"}
    return click.Option(
        [f"--{option.name}", f"option:{option.name}".replace(":", "_").replace("-", "_")],
        metavar="|".join(option.choices) or kinds.get(option.kind, option.kind).upper(),
        help=option.help + default,
    )


def scaffold(
    pattern: Pattern,
    directory: Path | None,
    language: str | None,
    name: str | None,
    *,
    dry_run: bool,
    force: bool,
    as_json: bool,
    **options: str | None,
) -> None:
    """Ask for what is missing, plan the folder, and write or show it."""
    from kvgen.scaffold.create import plan_new

    with stopping_leaves(_NOTHING):
        chosen = check_language(language or _ask_language(pattern)).name
        directory = directory or _ask_directory(pattern, chosen, name, force)
        folder = _real(directory)
        given = _given(pattern, options)
        answers = check_answers(pattern, chosen, folder.name if name is None else name, given)
        plan = plan_new(folder, pattern, answers, force=force)
        if not dry_run:
            _write(directory, folder, plan)
    if dry_run:
        print_diff(plan, to_stderr=as_json)
    else:
        if plan.unfinished:
            click.echo("Removed what a run that was cut short had left", err=True)
        _say_done(directory, answers, len(plan.changes), to_stderr=as_json)
    if as_json:
        print_receipt(folder, answers, plan, dry_run=dry_run)


def _real(directory: Path) -> Path:
    return Path(os.path.realpath(directory))  # Path.resolve raises where links go in a circle


def _write(directory: Path, folder: Path, plan: Plan) -> None:
    from kvgen.scaffold.apply import apply_plan

    try:
        apply_plan(folder, plan)
    except OSError as error:
        # The path in the error is one of kvgen's own, beside the folder.
        raise KvgenError(
            f"{directory} cannot be written: {error.strerror}",
            "choose a folder on a disk that has room and that you may write to",
        ) from None


def _given(pattern: Pattern, options: Mapping[str, str | None]) -> dict[str, str]:
    by_parameter = {f"option_{o.name.replace('-', '_')}": o.name for o in pattern.options}
    return {by_parameter[key]: text for key, text in options.items() if text is not None}


def _ask_pattern() -> str:
    names = pattern_names()
    if not is_interactive():
        raise InvalidAnswerError("no pattern was given", _EXAMPLE.format(pattern=names[-1]))
    patterns = [load_pattern(name) for name in names]
    choices = [(pattern.name, pattern.summary) for pattern in patterns]
    return pick("Pattern", choices, lambda text: load_pattern(text).name)


def _ask_language(pattern: Pattern) -> str:
    if not is_interactive():
        raise InvalidAnswerError("no language was given", _EXAMPLE.format(pattern=pattern.name))
    lines = {name: handler_lines(pattern, name) for name in pattern.handlers}
    choices = [(la.name, f"{la.needs}; a handler of {lines[la.name]} lines") for la in LANGUAGES]
    return pick("Language", choices, lambda text: check_language(text).name)


def _ask_directory(pattern: Pattern, language: str, name: str | None, force: bool) -> Path:
    from kvgen.scaffold.create import check_target

    if name:
        return Path(name)
    if not is_interactive():
        raise InvalidAnswerError("no folder was given", _EXAMPLE.format(pattern=pattern.name))

    def checked(text: str) -> str:
        folder = Path(text).expanduser()
        check_name(_real(folder).name)
        check_target(folder, force)
        return str(folder)

    return Path(ask("Folder", checked, f"{pattern.name}-{language}"))


def _say_done(directory: Path, answers: Answers, count: int, *, to_stderr: bool) -> None:
    from shlex import quote

    def say(line: str = "") -> None:
        click.echo(line, err=to_stderr)

    say(
        f"{click.style('Created', fg='green')} {directory} ({answers.pattern}, "
        f"{answers.language}, {count} files)"
    )
    say()
    say("Next:")
    if os.path.realpath(directory) != os.getcwd():
        say(f"  cd {quote(str(directory))}")
    say("  kvgen dev")
