"""`kvgen docs`: the use-case page, and pages of your own with code that is tested."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from kvgen.cli.overlay import around, templates_option
from kvgen.cli.plans import print_diff, row_json
from kvgen.cli.terminal import block, echo
from kvgen.docs.files import PagePlan, apply_pages, plan_pages
from kvgen.docs.page import FLAVORS, check_front_matter, page_text
from kvgen.scaffold.roots import Templates

_WOULD_CHANGE = 3


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option(
    "--flavor",
    type=click.Choice(FLAVORS),
    help="Of the whole page: with tabs, or in GitHub's Markdown, folded.  [default: mintlify]",
)
@click.option(
    "--front-matter",
    "front_matter",
    multiple=True,
    metavar="KEY=VALUE",
    help="A line of front matter for the whole page; a title replaces its heading.",
)
@click.option(
    "--links",
    default="",
    metavar="URL",
    help="The beginning of the page's links, up to generated/.  [default: relative]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 if something would change.")
@click.option("--diff", is_flag=True, help="Show what changes, line by line.")
@click.option("--json", "as_json", is_flag=True, help="Print what happens to each FILE as JSON.")
@templates_option
def docs(
    files: tuple[Path, ...],
    flavor: str | None,
    front_matter: tuple[str, ...],
    links: str,
    *,
    check: bool,
    diff: bool,
    as_json: bool,
    templates: Templates,
) -> None:
    """Print the use-case page, or refresh the code in FILE, or in every page below a folder.

    The code is what `kvgen new` writes, and is tested. In FILE, Markdown or MDX, only the lines of
    a code block between two markers are replaced; its fence and info string stay. A marker is a
    comment on its own line:

    \b
    <!-- kvgen: session go handler -->             the handler
    <!-- kvgen: flag python helpers -->            the client of the key-value store
    <!-- kvgen: cache js file origin.js -->        any file, by its path
    <!-- kvgen: session js handler ttl=1h -->      with an answer that is not the default
    <!-- kvgen: session js handler:json -->        a function, class or constant by its name
    {/* kvgen: session go handler */}              the same in MDX
    <!-- kvgen: end -->                            where the region ends

    Nothing is written if any FILE has an error.
    """
    if not files:
        if check or diff or as_json:
            raise click.UsageError("--check, --diff and --json need a FILE.")
        said = check_front_matter(front_matter)
        block(page_text(flavor or FLAVORS[0], said, links), nl=False)
        return
    if flavor or front_matter or links:
        raise click.UsageError(
            "--flavor, --front-matter and --links are for the whole page, not for a FILE."
        )
    plans = plan_pages(files, templates := around(templates, Path()))
    if not check:
        apply_pages(plans, templates)
    _report(plans, check=check, diff=check or diff, as_json=as_json)
    if check and any(planned.plan.changes for planned in plans):
        raise click.exceptions.Exit(_WOULD_CHANGE)


def _report(plans: Sequence[PagePlan], *, check: bool, diff: bool, as_json: bool) -> None:
    if as_json:
        rows = [(planned.page, row) for planned in plans for row in planned.plan.rows]
        entries = [{**row_json(row), "path": str(page)} for page, row in rows]
        block(json.dumps(entries, indent=2))
    for planned in plans:
        if diff:
            print_diff(planned.plan, to_stderr=as_json)
        if planned.plan.changes:
            echo(f"update   {planned.page}", err=as_json)
    _summarize(plans, check, to_stderr=as_json)


def _summarize(plans: Sequence[PagePlan], check: bool, *, to_stderr: bool) -> None:
    changed = sum(1 for planned in plans if planned.plan.changes)
    pages = f"{len(plans)} page{'' if len(plans) == 1 else 's'}"
    echo(f"{pages}, {changed} {'would change' if check else 'changed'}", err=to_stderr)
