"""`kvgen dev`: run the function of a folder with an embedded KV."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvgen.cli.kv_faults import FAULTS_HELP, fault_options, faults_of
from kvgen.cli.kv_options import named_place, store_option
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
    from kvgen.dev.placeholders import Placeholder
    from kvgen.dev.supervisor import Subject
    from kvgen.dev.tap import Front

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
@store_option
@fault_options
@click.option(
    "--send",
    "event",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Send the event in FILE after each start, signed as Telnyx does, under a new id.",
)
@templates_option
def dev(
    directory: Path,
    port: int | None,
    host: str,
    allowed: tuple[str, ...],
    data: Path | None,
    store: str | None,
    faults: tuple[str, ...],
    fault_seed: int,
    event: Path | None,
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
    from kvgen.console.console import Console
    from kvgen.dev.events import PortTaken
    from kvgen.dev.supervisor import develop
    from kvgen.kv.server import url_of

    chosen = faults_of(faults, fault_seed)
    place = named_place(data, store)
    complain_briefly()
    folder = _folder_around(directory)
    answers = read_answers(folder, templates)[1]
    subject = _subject(folder, answers, event)
    front = _front(host, port, allowed)
    console = Console(chosen, url_of(front.listener), _flags(answers))

    async def run() -> None:
        async with told(_both(console.record, _speaker(answers, event))) as report:
            if port is None and (taken := front.listener.getsockname()[1]) != _USUAL_PORT:
                report(PortTaken(_USUAL_PORT, taken))
            await develop(subject, front, place, report, chosen, console)

    with front.listener:
        asyncio.run(stoppable(run()))


def _speaker(answers: Answers, event: Path | None) -> "Report":
    from kvgen.cli.dev_lines import say

    return functools.partial(say, answers=answers, sends=event is not None)


def _front(host: str, port: int | None, allowed: tuple[str, ...]) -> "Front":
    from kvgen.dev.supervisor import listen_near
    from kvgen.dev.tap import Front
    from kvgen.kv.hosts import Hosts
    from kvgen.kv.server import listen

    hosts = Hosts(host, allowed)  # which may be refused, before there is a socket to close
    listener = listen(host, port) if port is not None else listen_near(host, _USUAL_PORT)
    return Front(listener, hosts)


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


def _subject(folder: Path, answers: Answers, event: Path | None) -> "Subject":
    """Return what is run; raises KvgenError for an event that the function cannot be sent."""
    from kvgen.dev.placeholders import SIGNING_KEY
    from kvgen.dev.signing import read_event
    from kvgen.dev.supervisor import Subject

    placeholders = _placeholders(answers)
    if event and SIGNING_KEY not in [placeholder.kind for placeholder in placeholders.values()]:
        raise KvgenError(
            f"--send {str(event)!r}: no pattern of this function takes signed events",
            "kvgen list shows the patterns, and kvgen add brings one into the function",
        )
    if event:
        read_event(event)
    return Subject(folder, answers.language, placeholders, event)


def _placeholders(answers: Answers) -> "dict[str, Placeholder]":
    """Return the variables that a stand-in may answer for, with the values that need one."""
    from kvgen.dev.placeholders import Placeholder

    patterns = [load_pattern(name, answers.templates) for name in answers.patterns]
    variables = [variable for pattern in patterns for variable in pattern.variables]
    return {v.name: Placeholder(v.placeholder, v.stand_in) for v in variables if v.stand_in}


def _flags(answers: Answers) -> list[str]:
    """Return the flags that the folder's answers name."""
    return [
        str(values[option.name])
        for name, values in answers.patterns.items()
        for option in load_pattern(name, answers.templates).options
        if option.kind in _SWITCHES
    ]
