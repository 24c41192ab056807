"""`kvgen dev`: run the function of a folder with an embedded KV."""

import asyncio
import functools
import signal
from pathlib import Path

import click

from kvgen.cli.kv_faults import FAULTS_HELP, fault_options, faults_of
from kvgen.dev.supervisor import (
    Broken,
    Changed,
    Event,
    Ready,
    StoodIn,
    Subject,
    develop,
    listen_near,
)
from kvgen.dev.tap import Answered
from kvgen.errors import KvgenError
from kvgen.kv.app import Call
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
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to bind.")
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
    data: Path | None,
    faults: tuple[str, ...],
    fault_seed: int,
) -> None:
    """Run the function of DIRECTORY with an embedded KV, until Ctrl-C.

    It is started anew when a file changes. There is a line for each request, and one for each KV
    call that it made; what the function prints appears as it is.
    """
    chosen = faults_of(faults, fault_seed)
    folder = find_folder(directory)
    if folder is None:
        raise KvgenError(
            f"{directory} is not a function's folder: there is no kvgen.toml in it or above",
            "kvgen new makes a function, and kvgen add prepares one that you have: kvgen add flag",
        )
    answers = read_answers(folder)[1]
    listener = listen(host, port) if port is not None else listen_near(host, _USUAL_PORT)
    with listener:
        if port is None and (taken := listener.getsockname()[1]) != _USUAL_PORT:
            click.echo(f"Port {_USUAL_PORT} is in use; taking {taken}.")

        async def until_stopped() -> None:
            stop = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            subject = Subject(folder, answers.language, _placeholders(answers))
            report = functools.partial(say, answers=answers)
            await develop(subject, listener, data, report, stop, chosen)

        asyncio.run(until_stopped())
    click.echo("Stopped.")


def _placeholders(answers: Answers) -> dict[str, str]:
    """Return the variables that a stand-in may answer for, with the values that need one."""
    patterns = map(load_pattern, answers.patterns)
    variables = [variable for pattern in patterns for variable in pattern.variables]
    return {variable.name: variable.placeholder for variable in variables if variable.stand_in}


def say(event: Event, answers: Answers) -> None:
    """Print one line, or what a compiler or a folder has to say."""
    match event:
        case Answered(method, target, status, milliseconds):
            click.echo(f"{_status(status)} {method} {target} {_dim(f'{milliseconds:.0f} ms')}")
        case Call(method, _, key, status, milliseconds, _, fault):
            line = f"      kv {method} {key} {status} {milliseconds:.1f} ms"
            click.echo(_dim(f"{line} (fault: {fault})" if fault else line))
        case Changed(paths):
            shown = ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
            click.echo(f"{shown} changed")
        case StoodIn(variable):
            click.echo(f"{variable} is still the placeholder: a stand-in answers.")
        case Ready(_, _, True):
            click.secho("Reloaded.", fg="green")
        case Ready(url, kv_url, _):
            url = url.replace("//127.0.0.1:", "//localhost:")
            click.echo(f"{click.style('Ready', fg='green')} on {url}, KV on {kv_url}")
            if request := _first_request(answers):
                click.echo(f"Try: {request.replace('URL', url)}")
            click.echo(_dim("A change of a file reloads it; Ctrl-C stops."))
        case Broken(error, still_serving):
            click.secho(error.message, fg="red", err=True)
            if still_serving:
                click.echo("The one from before still answers.", err=True)
            elif error.hint:
                click.echo(f"Hint: {error.hint}", err=True)


def _first_request(answers: Answers) -> str | None:
    if not answers.handler:
        return None
    values = answers.patterns[answers.handler]
    requests = load_pattern(answers.handler).first_requests
    return next((request.text for request in requests if is_wanted(request, values)), None)


def _status(status: int) -> str:
    colour = "green" if status < 400 else "yellow" if status < 500 else "red"
    return click.style(f"{status:>5}", fg=colour)


def _dim(text: str) -> str:
    return click.style(text, dim=True)
