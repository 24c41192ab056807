"""What `kvgen dev` prints: a line an event, or what a compiler has to say."""

import re

from kvgen.cli.terminal import Styled, echo, pass_on, styled, tell, tell_block
from kvgen.dev.events import (
    Broken,
    Changed,
    Event,
    NotSent,
    Opened,
    PortTaken,
    Printed,
    Ready,
    Remarked,
    StoodIn,
    Unwatched,
)
from kvgen.dev.tap import Answered
from kvgen.kv.app import Call
from kvgen.languages.run import BuildError
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.model import Answers, is_wanted

_STAND_INS = {
    "origin": "is still the placeholder: a stand-in responds.",
    "signing-key": "is a key made for this run; --send FILE sends an event signed with it.",
}


def say(event: Event, answers: Answers, *, sends: bool = False) -> None:
    """Print one line, or what a compiler or a folder has to say.

    ``sends`` says that kvgen sends a first request itself, so none is suggested.
    """
    match event:
        case PortTaken(port, instead):
            echo(f"Port {port} is in use; taking {instead}.")
        case Answered(method, target, status, milliseconds):
            echo(_status(status), f" {method} {target} ", _dim(f"{milliseconds:.0f} ms"))
        case Call(method, _, key, status, milliseconds, _, fault):
            line = f"      kv {method} {key} {status} {milliseconds:.1f} ms"
            echo(_dim(f"{line} (fault: {fault})" if fault else line))
        case Printed(stream, data):
            pass_on(data, err=stream == 2)
        case Opened(url):
            echo(f"Console: {url}")
        case Changed(paths):
            shown = ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
            echo(f"{shown} changed")
        case Unwatched(path, reason):
            tell(f"{path}: {reason}. Changes in it will not be noticed.", err=True)
        case Remarked(remark):
            echo(remark)
        case StoodIn(variable, kind):
            echo(f"{variable} {_STAND_INS[kind]}")
        case NotSent(error):
            tell(styled(error.message, fg="red"), err=True)
        case Ready(_, _, True):
            echo(styled("Reloaded.", fg="green"))
        case Ready(url, kv_url, _):
            url = re.sub(r"//(127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):", "//localhost:", url)
            echo(styled("Ready", fg="green"), f" on {url}, KV on {kv_url}")
            if not sends and (request := _first_request(answers)):
                echo(f"Try: {request.replace('URL', url)}")
            echo(_dim("A change of a file reloads it; Ctrl-C stops."))
        case Broken(error, still_serving):
            if isinstance(error, BuildError):
                tell_block(error.message, fg="red")
            else:
                tell(styled(error.message, fg="red"), err=True)
            if still_serving:
                tell("The previous one still runs.", err=True)
            elif error.hint:
                tell(f"Hint: {error.hint}", err=True)


def _first_request(answers: Answers) -> str | None:
    if not answers.handler:
        return None
    values = answers.patterns[answers.handler]
    requests = load_pattern(answers.handler, answers.templates).first_requests
    return next((request.text for request in requests if is_wanted(request, values)), None)


def _status(status: int) -> Styled:
    colour = "green" if status < 400 else "yellow" if status < 500 else "red"
    return styled(f"{status:>5}", fg=colour)


def _dim(text: str) -> Styled:
    return styled(text, dim=True)
