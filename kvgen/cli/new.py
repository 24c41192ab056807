"""`kvgen new`: scaffold an edge function into a new folder."""

import os
from pathlib import Path
from typing import Any

import click

from kvgen.cli import completers
from kvgen.cli.failures import stopping_leaves
from kvgen.cli.options import given_options, option_for
from kvgen.cli.overlay import shown_option, warn_of_hidden, warn_of_unrecorded
from kvgen.cli.patterns import NOTHING_WRITTEN, PatternGroup, ask_and_run
from kvgen.cli.picker import ask
from kvgen.cli.plans import is_interactive, print_diff, print_receipt
from kvgen.cli.questions import ask_language, ask_options, check_written
from kvgen.cli.terminal import Styled, block, echo, styled
from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.scaffold.answers import check_name
from kvgen.scaffold.common import ALL_COMMON
from kvgen.scaffold.function import new_function
from kvgen.scaffold.model import Answers, Duration, Pattern
from kvgen.scaffold.plan import Plan
from kvgen.scaffold.roots import Templates

_EXAMPLE = "for example: kvgen new {pattern} my-{pattern} -l javascript"


def _command(pattern: Pattern, templates: Templates) -> click.Command:
    def run(**given: Any) -> None:
        scaffold(pattern, templates, **given)

    languages = "|".join(pattern.languages)
    return click.Command(
        pattern.name,
        callback=run,
        help=f"{pattern.title}.\n\n{pattern.summary}",
        short_help=pattern.title,
        params=[
            click.Argument(["directory"], required=False, type=click.Path(path_type=Path)),
            click.Option(
                ["-l", "--language"],
                metavar=languages,
                help="The language.",
                shell_complete=completers.languages,
            ),
            click.Option(["--name"], help="The function's name.  [default: the folder's]"),
            *map(option_for, (*pattern.options, *ALL_COMMON)),
            shown_option(),
            click.Option(["--dry-run"], is_flag=True, help="Show the diff and write nothing."),
            click.Option(
                ["--force"],
                is_flag=True,
                help="Restore missing files in a function of the same pattern; your edits stay.",
            ),
            click.Option(["--json", "as_json"], is_flag=True, help="Print a receipt as JSON."),
        ],
    )


@click.group(cls=PatternGroup, command_for=_command, invoke_without_command=True)
@click.pass_context
def new(ctx: click.Context) -> None:
    """Scaffold an edge function into a new folder.

    Choose the pattern first; each has options of its own. On a terminal kvgen new asks.
    """
    ask_and_run(ctx, _EXAMPLE)


def scaffold(
    pattern: Pattern,
    templates: Templates,
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
    from kvgen.scaffold.create import answers_to_restore, plan_new

    with stopping_leaves(NOTHING_WRITTEN):
        # With both given as flags, nothing is asked.
        asks = is_interactive() and not ((language and (directory or name)) or force or as_json)
        chosen = check_written(pattern, language or ask_language(pattern, _EXAMPLE))
        given = given_options((*pattern.options, *ALL_COMMON), options)
        if asks:
            given = ask_options(pattern.options, given)
        directory = directory or _ask_directory(pattern, chosen, name, force)
        folder = real_path(directory)
        if force:
            answers = answers_to_restore(folder, pattern, chosen, name, given, templates)
        else:
            name = folder.name if name is None else name
            answers = new_function(pattern, chosen, name, given, templates)
        plan = plan_new(folder, answers, force=force)
        # What reads, and so may fail, comes before anything is written.
        warn_of_hidden(pattern, templates)
        warn_of_unrecorded(pattern, templates, folder)
        if not dry_run:
            write(directory, folder, plan)
    warn(answers)
    if dry_run:
        print_diff(plan, to_stderr=as_json)
    else:
        if plan.unfinished:
            echo("Removed the remains of an interrupted run", err=True)
        _say_done(directory, answers, len(plan.changes), to_stderr=as_json)
    if as_json:
        print_receipt(folder, answers, plan, dry_run=dry_run)


def real_path(directory: Path) -> Path:
    """Return the folder that a path leads to, all links followed."""
    return Path(os.path.realpath(directory))  # Path.resolve raises where links go in a circle


def write(directory: Path, folder: Path, plan: Plan) -> None:
    """Apply a plan; raises KvgenError if the disk does not take it."""
    from kvgen.scaffold.apply import apply_plan

    try:
        apply_plan(folder, plan)
    except OSError as error:
        # The path in the error is one of kvgen's own, beside the folder.
        raise KvgenError(
            f"{directory} cannot be written: {error.strerror}",
            "choose a folder that you may write to, on a disk with free space",
        ) from None


def warn(answers: Answers) -> None:
    """Warn of answers that are legal together and cost or allow more than people expect."""
    is_cookie = any(values.get("cookie") for values in answers.patterns.values())
    if is_cookie and answers.common["expiry"] == "envelope":
        _say_warning(
            "every visitor without the cookie starts a session, and with --expiry envelope "
            "expired sessions stay in the store until `kvgen kv sweep`."
        )
    for values in answers.patterns.values():
        match values.get("dedupe"), values.get("tolerance"):
            case Duration(seconds=remembered), Duration(seconds=valid) if remembered <= valid:
                _say_warning(
                    "an event is forgotten while its signature is still valid, and can be "
                    "replayed: --dedupe has to be longer than --tolerance."
                )


def _say_warning(text: str) -> None:
    block(f"Warning: {text}", fg="yellow", err=True, fill=True)


def _ask_directory(pattern: Pattern, language: str, name: str | None, force: bool) -> Path:
    from kvgen.scaffold.create import check_target

    if name:
        return Path(name)
    if not is_interactive():
        raise InvalidAnswerError("no folder was given", _EXAMPLE.format(pattern=pattern.name))

    def checked(text: str) -> str:
        folder = Path(text).expanduser()
        check_name(real_path(folder).name)
        check_target(folder, force)
        return str(folder)

    return Path(ask("Folder", checked, f"{pattern.name}-{language}"))


def _say_done(directory: Path, answers: Answers, count: int, *, to_stderr: bool) -> None:
    from shlex import quote

    def say(*parts: str | Styled) -> None:
        echo(*parts, err=to_stderr)

    what = f"{answers.handler}, {answers.language}, {count} file{'' if count == 1 else 's'}"
    say(styled("Created", fg="green"), f" {directory} ({what})")
    say()
    say("Next:")
    if os.path.realpath(directory) != os.getcwd():
        say(f"  cd {quote(str(directory))}")
    say("  kvgen dev")
