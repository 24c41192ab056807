"""`kvgen dev`: run the function of a folder with an embedded KV."""

import asyncio
import functools
import re
from pathlib import Path

import click

from kvgen.cli.audience import told
from kvgen.cli.kv_faults import FAULTS_HELP, fault_options, faults_of
from kvgen.cli.serving import complain_briefly, host_options
from kvgen.cli.signals import stoppable
from kvgen.cli.terminal import Styled, echo, styled, tell, tell_block
from kvgen.dev.events import (
    Broken,
    Changed,
    Event,
    PassedOver,
    PortTaken,
    Ready,
    StoodIn,
    Unwatched,
)
from kvgen.dev.supervisor import Subject, develop, listen_near
from kvgen.dev.tap import Answered, Front
from kvgen.errors import KvgenError
from kvgen.kv.app import Call
from kvgen.kv.hosts import Hosts
from kvgen.kv.location import find_folder
from kvgen.kv.server import listen
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.function import read_answers
from kvgen.scaffold.model import Answers, is_wanted

_USUAL_PORT = 8080


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
def dev(
    directory: Path,
    port: int | None,
    host: str,
    allowed: tuple[str, ...],
    data: Path | None,
    faults: tuple[str, ...],
    fault_seed: int,
) -> None:
    """Run the function of DIRECTORY with an embedded KV, until Ctrl-C.

    It is started anew when a source or a manifest changes. There is a line for each request, and
    one for each KV call that it made; what the function prints appears as it is.
    """
    chosen, hosts = faults_of(faults, fault_seed), Hosts(host, allowed)
    complain_briefly()
    folder = find_folder(directory)
    if folder is None:
        raise KvgenError(
            f"{directory} is not a function's folder: there is no kvgen.toml in it or above",
            "kvgen new makes a function, and kvgen add prepares one that you have: kvgen add flag",
        )
    answers = read_answers(folder)[1]
    listener = listen(host, port) if port is not None else listen_near(host, _USUAL_PORT)
    subject = Subject(folder, answers.language, _placeholders(answers))

    async def run() -> None:
        async with told(functools.partial(say, answers=answers)) as report:
            if port is None and (taken := listener.getsockname()[1]) != _USUAL_PORT:
                report(PortTaken(_USUAL_PORT, taken))
            await develop(subject, Front(listener, hosts), data, report, chosen)

    with listener:
        asyncio.run(stoppable(run()))


def _placeholders(answers: Answers) -> dict[str, str]:
    """Return the variables that a stand-in may answer for, with the values that need one."""
    patterns = map(load_pattern, answers.patterns)
    variables = [variable for pattern in patterns for variable in pattern.variables]
    return {variable.name: variable.placeholder for variable in variables if variable.stand_in}


def say(event: Event, answers: Answers) -> None:
    """Print one line, or what a compiler or a folder has to say."""
    match event:
        case PortTaken(port, instead):
            echo(f"Port {port} is in use; taking {instead}.")
        case Answered(method, target, status, milliseconds):
            echo(_status(status), f" {method} {target} ", _dim(f"{milliseconds:.0f} ms"))
        case Call(method, _, key, status, milliseconds, _, fault):
            line = f"      kv {method} {key} {status} {milliseconds:.1f} ms"
            echo(_dim(f"{line} (fault: {fault})" if fault else line))
        case Changed(paths):
            shown = ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
            echo(f"{shown} changed")
        case Unwatched(path, reason):
            tell(f"{path}: {reason}. Changes in it go unnoticed.", err=True)
        case PassedOver(remark):
            echo(f"{remark}.")
        case StoodIn(variable):
            echo(f"{variable} is still the placeholder: a stand-in answers.")
        case Ready(_, _, True):
            echo(styled("Reloaded.", fg="green"))
        case Ready(url, kv_url, _):
            url = re.sub(r"//(127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):", "//localhost:", url)
            echo(styled("Ready", fg="green"), f" on {url}, KV on {kv_url}")
            if request := _first_request(answers):
                echo(f"Try: {request.replace('URL', url)}")
            echo(_dim("A change of a file reloads it; Ctrl-C stops."))
        case Broken(error, still_serving):
            tell_block(error.message, fg="red")
            if still_serving:
                tell("The one from before still answers.", err=True)
            elif error.hint:
                tell_block(f"Hint: {error.hint}")


def _first_request(answers: Answers) -> str | None:
    if not answers.handler:
        return None
    values = answers.patterns[answers.handler]
    requests = load_pattern(answers.handler).first_requests
    return next((request.text for request in requests if is_wanted(request, values)), None)


def _status(status: int) -> Styled:
    colour = "green" if status < 400 else "yellow" if status < 500 else "red"
    return styled(f"{status:>5}", fg=colour)


def _dim(text: str) -> Styled:
    return styled(text, dim=True)
