"""`kvgen add`: add a pattern to a function that exists."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kvgen.cli import completers
from kvgen.cli.failures import stopping_leaves
from kvgen.cli.new import real_path, warn, write
from kvgen.cli.options import given_options, option_for
from kvgen.cli.overlay import shown_option, templates_option, warn_of_hidden, warn_of_unrecorded
from kvgen.cli.patterns import NOTHING_WRITTEN, PatternGroup, ask_and_run
from kvgen.cli.plans import print_diff, print_receipt
from kvgen.cli.terminal import Styled, block, echo, styled
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.common import ALL_COMMON, KV_OPTION
from kvgen.scaffold.literals import toml
from kvgen.scaffold.model import NAMESPACE_PLACEHOLDER, Pattern, as_texts
from kvgen.scaffold.plan import Action, Addition
from kvgen.scaffold.roots import Templates

_EXAMPLE = "for example: kvgen add {pattern}"


def _command(pattern: Pattern, templates: Templates) -> click.Command:
    def run(**given: Any) -> None:
        add_pattern(pattern, templates, **given)

    languages = "|".join(pattern.languages)
    language_help = "The language of a function that kvgen did not make, if it is not clear."
    return click.Command(
        pattern.name,
        callback=run,
        help=f"{pattern.title}, added to a function.\n\n{pattern.summary}",
        short_help=pattern.title,
        params=[
            click.Argument(["directory"], default=".", type=click.Path(path_type=Path)),
            click.Option(
                ["-l", "--language"],
                metavar=languages,
                help=language_help,
                shell_complete=completers.languages,
            ),
            *map(option_for, (*pattern.options, *ALL_COMMON)),
            shown_option(),
            click.Option(["--dry-run"], is_flag=True, help="Show the diff and write nothing."),
            click.Option(["--json", "as_json"], is_flag=True, help="Print a receipt as JSON."),
        ],
    )


@click.group(cls=PatternGroup, command_for=_command, for_folder=True, invoke_without_command=True)
@click.pass_context
def add(ctx: click.Context) -> None:
    """Add a pattern to a function, made by kvgen or not.

    Adds the pattern's files and does not change your handler: it prints the lines to paste there.
    A function that kvgen did not make is recognised by its entry point. It gets the KV client and
    the pattern's files, and nothing else.
    """
    ask_and_run(ctx, _EXAMPLE)


def add_pattern(
    pattern: Pattern,
    templates: Templates,
    directory: Path,
    language: str | None,
    *,
    dry_run: bool,
    as_json: bool,
    **options: str | None,
) -> None:
    """Plan the addition, write or show it, and print what is left to do by hand."""
    from kvgen.scaffold.add import plan_add
    from kvgen.scaffold.render import render_use

    with stopping_leaves(NOTHING_WRITTEN):
        folder = real_path(directory)
        given = given_options((*pattern.options, *ALL_COMMON), options)
        addition = plan_add(folder, pattern, given, language, templates)
        # What reads, and so may fail, comes before anything is written.
        use = render_use(addition.answers, pattern)
        warn_of_hidden(pattern, addition.answers.templates)
        warn_of_unrecorded(pattern, addition.answers.templates, folder)
        if not dry_run and not addition.is_there:
            write(directory, folder, addition.plan)
    warn(addition.answers)
    if addition.plan.unfinished and not dry_run:
        echo("Finished the changes of an interrupted run", err=True)
    if dry_run and not addition.is_there:
        print_diff(addition.plan, to_stderr=as_json)
    else:
        _say_done(directory, pattern, addition, use, to_stderr=as_json)
    if as_json:
        more = {"use": use}
        print_receipt(folder, addition.answers, addition.plan, dry_run=dry_run, more=more)


def _say_done(
    directory: Path, pattern: Pattern, addition: Addition, use: str, *, to_stderr: bool
) -> None:
    from kvgen.scaffold.render import render_section

    def say(*parts: str | Styled) -> None:
        echo(*parts, err=to_stderr)

    def say_lines(text: str) -> None:
        block(text, err=to_stderr)

    if addition.is_there:
        say(f"{directory} has {pattern.name} already; nothing was changed")
        return
    added = [row.path for row in addition.plan.rows if row.action is Action.ADD]
    changed = [r.path for r in addition.plan.rows if r.action in (Action.UPDATE, Action.MERGE)]
    say(styled("Added", fg="green"), f" {pattern.name} to {directory}: {', '.join(added)}")
    if changed:
        say(f"Changed {', '.join(changed)}")
    answers = addition.answers
    if not answers.handler:
        _say_foreign(pattern, addition, say)
    where = BY_NAME[answers.language].handler if answers.handler else "your handler"
    say_lines(f"\nPut into {where}:\n")
    say_lines(textwrap.indent(use.rstrip("\n"), "    "))
    if addition.kept:
        say_lines(
            "\nYour README.md was edited at the same place, so it was not changed. The section:\n"
        )
        say_lines(textwrap.indent(render_section(answers, pattern.name).rstrip("\n"), "    "))


def _say_foreign(pattern: Pattern, addition: Addition, say: Any) -> None:
    """Say what the function's own manifests need, which are not touched."""
    from kvgen.scaffold.foreign import dependencies_of

    answers = addition.answers
    if needed := dependencies_of(answers):
        say()
        say(f"Add to the dependencies: {', '.join(needed)}")
    common, values = as_texts(answers.common), as_texts(answers.patterns[pattern.name])
    namespace = toml(common["namespace-id"] or NAMESPACE_PLACEHOLDER)
    lines = [f"{v.name} = {toml(values[v.option])}" for v in pattern.variables]
    if common.get(KV_OPTION.name) == "binding":
        _say_lines("Add to func.toml:", ["[storage.kv.MY_KV]", f"id = {namespace}"], say)
        say()
        say("Then `telnyx-edge types` writes telnyx-env.d.ts, and the tests run with")
        say("`node --import ./local.mjs --test`: local.mjs stands in for the platform's package.")
    else:
        lines = [f"KV_NAMESPACE_ID = {namespace}", *lines]
    if lines:
        _say_lines("Add to func.toml, below [env_vars]:", lines, say)


def _say_lines(title: str, lines: Sequence[str], say: Any) -> None:
    say()
    say(title)
    say()
    for line in lines:
        say(f"    {line}")


@click.command()
@click.argument("pattern", shell_complete=completers.patterns)
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the diff and write nothing.")
@templates_option
def remove(pattern: str, directory: Path, dry_run: bool, templates: Templates) -> None:
    """Take a PATTERN out of the function in DIRECTORY.

    Removes the pattern's files that you did not edit, and its lines in the manifests. Your handler
    is not changed: remove the lines there that use the pattern.
    """
    from kvgen.scaffold.add import plan_remove

    folder = real_path(directory)
    plan = plan_remove(folder, pattern, templates)
    if dry_run:
        print_diff(plan)
        return
    write(directory, folder, plan)
    if plan.unfinished:
        echo("Finished the changes of an interrupted run", err=True)
    gone = [row.path for row in plan.rows if row.action is Action.RETIRE]
    echo(f"Removed {pattern} from {directory}: {', '.join(gone) or 'no file'}")
    for row in plan.rows:
        if row.action is Action.KEEP and row.reason:
            echo(f"Kept {row.path}: {row.reason}")
