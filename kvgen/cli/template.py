"""`kvgen template`: patterns of your own, from the first to the check before they are shared."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from kvgen.check.finding import Level
from kvgen.cli.check import finding_json, say_findings
from kvgen.cli.lazy import LazyGroup
from kvgen.cli.new import real_path, write
from kvgen.cli.overlay import warn_of_hidden
from kvgen.cli.terminal import block, echo, styled
from kvgen.errors import KvgenError
from kvgen.scaffold.answers import check_language
from kvgen.scaffold.catalog import read_pattern
from kvgen.scaffold.roots import OWN_ROOT, Templates

_FAULTY = 1


_TARGETS = {
    "new": ("kvgen.cli.template:new", "Write a small working pattern to start from."),
    "check": ("kvgen.cli.template:check", "Check patterns, and report errors by file and line."),
    "reference": ("kvgen.cli.template:reference", "Print a tutorial, and all keys and filters."),
}


@click.group(cls=LazyGroup, targets=_TARGETS)
def template() -> None:
    """Start a pattern of your own, and check it before you share it."""


@click.command()
@click.argument("name")
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("-l", "--language", "languages", multiple=True, help="A language.  [default: all]")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def new(name: str, directory: Path, languages: tuple[str, ...], as_json: bool) -> None:
    """Write the pattern NAME below DIRECTORY, a root of templates.

    It is small and works: a part, a handler, their tests, a section of the README, and a manifest
    with comments.
    """
    from kvgen.template.starter import plan_pattern, starter_languages

    chosen = [check_language(language).name for language in languages] or starter_languages()
    root = real_path(directory)
    folder, plan = root / name, plan_pattern(root, name, chosen)
    write(directory / name, folder, plan)
    templates = Templates(root, "", (OWN_ROOT,))
    warn_of_hidden(read_pattern(name, root), templates)
    paths = [row.path for row in plan.rows]
    if as_json:
        block(json.dumps({"folder": str(folder), "languages": chosen, "files": paths}, indent=2))
    _say_begun(name, directory, chosen, len(paths), to_stderr=as_json)


def _say_begun(
    name: str, directory: Path, languages: Sequence[str], count: int, *, to_stderr: bool
) -> None:
    what = f"{', '.join(languages)}, {count} files"
    where = shlex.quote(str(directory))
    echo(styled("Created", fg="green"), f" {directory / name} ({what})", err=to_stderr)
    echo(err=to_stderr)
    echo("Next:", err=to_stderr)
    echo(f"  kvgen template check {where}", err=to_stderr)
    echo(f"  kvgen new {name} my-function -l {languages[0]} --templates {where}", err=to_stderr)


@click.command()
def reference() -> None:
    """Print how a pattern is made: a tutorial, and all keys, kinds and filters, as Markdown."""
    from kvgen.template.reference import page_text

    block(page_text(), nl=False)


@click.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
@click.pass_context
def check(ctx: click.Context, directory: Path, as_json: bool) -> None:
    """Check the patterns below DIRECTORY for common mistakes.

    Makes functions from each pattern in all its languages, with default, shortest, longest and
    hostile answers. Checks the manifests, the templates and the functions: they must parse, be
    formatted and pass `kvgen check`. No code of a template is run.

    Exit status 1 for an error.
    """
    from kvgen.template.inspection import check_root

    if not directory.is_dir():
        raise KvgenError(f"{directory} is not a folder", "name a root of templates")
    findings = check_root(real_path(directory))
    if as_json:
        block(json.dumps([finding_json(finding) for finding in findings], indent=2))
    say_findings(directory, findings, to_stderr=as_json)
    errors = sum(finding.rule.level is Level.ERROR for finding in findings)
    echo(f"{directory}: {errors} error{'' if errors == 1 else 's'}", err=as_json)
    if errors:
        ctx.exit(_FAULTY)
