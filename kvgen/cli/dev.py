"""`kvgen dev`: run the function of a folder with an embedded KV."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvgen.cli.kv_faults import FAULTS_HELP, fault_options, faults_of
from kvgen.cli.overlay import templates_option
from kvgen.cli.serving import complain_briefly, host_options
from kvgen.cli.signals import stoppable
from kvgen.errors import KvgenError
from kvgen.kv.location import find_folder
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import read_answers
from kvgen.scaffold.model import Answers
from kvgen.scaffold.roots import Templates

if TYPE_CHECKING:
    from kvgen.dev.events import Event, Report

_USUAL_PORT = 8080
_SWITCHES = {"flag"}  # kinds of an option whose value names a flag


@click.command(epilog=FAULTS_HELP)
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help=f"The port; 0 takes a free one.  [default: {_USUAL_PORT}, or the next that is free]",
)
@host_options
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The KV's database.  [default: the folder's own, outside of it]",
)
@fault_options
@templates_option
def dev(
    directory: Path,
    port: int | None,
    host: str,
    allowed: tuple[str, ...],
    data: Path | None,
    faults: tuple[str, ...],
    fault_seed: int,
    templates: Templates,
) -> None:
    """Run the function of DIRECTORY with an embedded KV, until Ctrl-C.

    It is started anew when a source or a manifest changes. There is a line for each request, and
    one for each KV call that it made; what the function prints appears as it is. The console is a
    page with all of that, the keys, the flags and a form to send requests.
    """
    # Imported here: to complete an option takes none of it.
    import asyncio

    from kvgen.cli.audience import told
    from kvgen.cli.dev_lines import say
    from kvgen.console.console import Console
    from kvgen.dev.events import PortTaken
    from kvgen.dev.supervisor import Subject, develop, listen_near
    from kvgen.dev.tap import Front
    from kvgen.kv.hosts import Hosts
    from kvgen.kv.server import listen, url_of

    chosen, hosts = faults_of(faults, fault_seed), Hosts(host, allowed)
    complain_briefly()
    folder = _folder_around(directory)
    answers = read_answers(folder, templates)[1]
    listener = listen(host, port) if port is not None else listen_near(host, _USUAL_PORT)
    subject = Subject(folder, answers.language, _placeholders(answers))
    console = Console(chosen, url_of(listener), _flags(answers))

    async def run() -> None:
        async with told(functools.partial(say, answers=answers)) as tell:
            report = _both(console.record, tell)
            if port is None and (taken := listener.getsockname()[1]) != _USUAL_PORT:
                report(PortTaken(_USUAL_PORT, taken))
            await develop(subject, Front(listener, hosts), data, report, chosen, console)

    with listener:
        asyncio.run(stoppable(run()))


def _both(first: "Report", second: "Report") -> "Report":
    def report(event: "Event") -> None:
        first(event)
        second(event)

    return report


def _folder_around(directory: Path) -> Path:
    folder = find_folder(directory)
    if folder is None:
        raise KvgenError(
            f"{directory} is not a function's folder: there is no kvgen.toml in it or above",
            "kvgen new makes a function, and kvgen add prepares one that you have: kvgen add flag",
        )
    return folder


def _placeholders(answers: Answers) -> dict[str, str]:
    """Return the variables that a stand-in may answer for, with the values that need one."""
    patterns = [load_pattern(name, answers.templates) for name in answers.patterns]
    variables = [variable for pattern in patterns for variable in pattern.variables]
    return {variable.name: variable.placeholder for variable in variables if variable.stand_in}


def _flags(answers: Answers) -> list[str]:
    """Return the flags that the folder's answers name."""
    return [
        str(values[option.name])
        for name, values in answers.patterns.items()
        for option in load_pattern(name, answers.templates).options
        if option.kind in _SWITCHES
    ]
