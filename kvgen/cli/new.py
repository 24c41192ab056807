"""`kvgen new`: scaffold an edge function into a new folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kvgen.cli.picker import pick
from kvgen.cli.report import is_interactive, print_diff, print_receipt
from kvgen.errors import InvalidAnswerError
from kvgen.scaffold.answers import check_answers, check_language
from kvgen.scaffold.catalog import handler_lines, load_pattern, pattern_names
from kvgen.scaffold.model import LANGUAGES, Answers, Option, Pattern

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
    from kvgen.scaffold.apply import apply_plan
    from kvgen.scaffold.create import plan_new

    chosen = check_language(language or _ask_language(pattern)).name
    directory = directory or (Path(name) if name else _ask_directory(pattern, chosen))
    folder = directory.resolve()
    given = _given(pattern, options)
    answers = check_answers(pattern, chosen, folder.name if name is None else name, given)
    plan = plan_new(folder, pattern, answers, force=force)
    if dry_run:
        print_diff(plan, to_stderr=as_json)
    else:
        apply_plan(folder, plan)
        _say_done(directory, answers, len(plan.changes), to_stderr=as_json)
    if as_json:
        print_receipt(folder, answers, plan, dry_run=dry_run)


def _given(pattern: Pattern, options: Mapping[str, str | None]) -> dict[str, str]:
    by_parameter = {f"option_{o.name.replace('-', '_')}": o.name for o in pattern.options}
    return {by_parameter[key]: text for key, text in options.items() if text is not None}


def _ask_pattern() -> str:
    names = pattern_names()
    if not is_interactive():
        raise InvalidAnswerError("no pattern was given", _EXAMPLE.format(pattern=names[-1]))
    patterns = [load_pattern(name) for name in names]
    return pick("Pattern", [(pattern.name, pattern.summary) for pattern in patterns])


def _ask_language(pattern: Pattern) -> str:
    if not is_interactive():
        raise InvalidAnswerError("no language was given", _EXAMPLE.format(pattern=pattern.name))
    lines = {name: handler_lines(pattern, name) for name in pattern.handlers}
    return pick(
        "Language",
        [(la.name, f"{la.needs}; a handler of {lines[la.name]} lines") for la in LANGUAGES],
    )


def _ask_directory(pattern: Pattern, language: str) -> Path:
    if not is_interactive():
        raise InvalidAnswerError("no folder was given", _EXAMPLE.format(pattern=pattern.name))
    default = f"{pattern.name}-{language}"
    return Path(click.prompt("Folder", default=default, err=True))


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
    if directory.resolve() != Path.cwd():
        say(f"  cd {quote(str(directory))}")
    say("  kvgen dev")
