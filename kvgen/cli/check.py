"""`kvgen check`: would this folder deploy."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from kvgen.check.finding import Finding, Level, Report
from kvgen.check.folder import check_folder
from kvgen.cli.overlay import templates_option
from kvgen.cli.terminal import block, echo, styled
from kvgen.scaffold.roots import Templates

_COLOURS = {Level.ERROR: "red", Level.TODO: "yellow", Level.WARNING: "yellow", Level.NOTE: None}
_NOT_DEPLOYABLE = 1


@click.command()
@click.argument("directories", nargs=-1, metavar="[DIRECTORY]...", type=click.Path(path_type=Path))
@click.option(
    "--allow-placeholders", is_flag=True, help="Exit with 0 if only placeholders are left."
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings as well.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one object a folder.")
@templates_option
@click.pass_context
def check(
    ctx: click.Context,
    directories: tuple[Path, ...],
    allow_placeholders: bool,
    strict: bool,
    as_json: bool,
    templates: Templates,
) -> None:
    """Check whether the function of DIRECTORY would deploy, and say what to fix.

    Checks the entry point, the manifests, the size, credentials that would be shipped, and the
    syntax if Node or Go is installed. It does not run your code and writes nothing. The folder need
    not be made by kvgen.

    \b
    error    it does not deploy, does not run, or reveals a secret
    todo     a placeholder that only you can fill in
    warning  it deploys, but something may not be what you want
    note     something that could not be checked here

    Exit status 1 for an error or a todo.
    """
    reports = [check_folder(folder, templates) for folder in directories or (Path(),)]
    failing = {Level.ERROR} | ({Level.WARNING} if strict else set())
    failing |= set() if allow_placeholders else {Level.TODO}
    if as_json:
        block(json.dumps([_json(report) for report in reports], indent=2))
    for report in reports:
        _say(report, to_stderr=as_json)
    if any(report.count(level) for report in reports for level in failing):
        ctx.exit(_NOT_DEPLOYABLE)


def say_findings(folder: Path, findings: Iterable[Finding], *, to_stderr: bool) -> None:
    """Print what was found, with why and what to do."""
    for finding in findings:
        level = styled(f"{finding.rule.level.value:<7}", fg=_COLOURS[finding.rule.level])
        place = styled(str(folder / finding.place), bold=True)
        echo(level, " ", place, f": {finding.message}", err=to_stderr)
        echo(f"        why: {finding.rule.why} ({finding.rule.source})", err=to_stderr)
        echo(f"        fix: {finding.fix}", err=to_stderr)


def _say(report: Report, *, to_stderr: bool) -> None:
    say_findings(report.folder, report.findings, to_stderr=to_stderr)
    # The place where one stands needs no path before its name.
    folder = report.folder if report.folder.name else Path(report.folder.resolve().name)
    what = ", ".join(filter(None, (*report.patterns, report.language)))
    shown = str(folder) + (f" ({what})" if what else "")
    verdict = "ready to deploy" if report.is_ready else "not ready to deploy"
    echo(", ".join([f"{shown}: {verdict}", *_counted(report)]), err=to_stderr)


def _counted(report: Report) -> Iterator[str]:
    for level in Level:
        if count := report.count(level):
            yield f"{count} {level.value}{'' if count == 1 else 's'}"


def _json(report: Report) -> Mapping[str, Any]:
    return {
        "folder": str(report.folder),
        "patterns": list(report.patterns),
        "language": report.language,
        "ready": report.is_ready,
        "findings": [finding_json(finding) for finding in report.findings],
    }


def finding_json(finding: Finding) -> Mapping[str, Any]:
    """Return a finding as a script reads it."""
    return {
        "level": finding.rule.level.value,
        "rule": finding.rule.name,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "why": finding.rule.why,
        "source": finding.rule.source,
        "fix": finding.fix,
    }
