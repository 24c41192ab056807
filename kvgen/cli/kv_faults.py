"""The options for faults on purpose, which `kvgen kv serve` and `kvgen dev` share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def fault_options(command: _F) -> _F:
    """Add --fault and --fault-seed; ``faults_of`` takes their values."""
    command = click.option(
        "--fault-seed",
        type=int,
        default=0,
        show_default=True,
        help="The same seed and the same calls give the same faults.",
    )(command)
    return click.option(
        "--fault",
        "faults",
        multiple=True,
        metavar="RULE",
        help="Inject KV failures, as described below; may be repeated.",
    )(command)


#: The form of a rule, for the help below a command's options.
FAULTS_HELP = """A --fault is METHOD KEYS: FAULT [SHARE%]. METHOD is GET, PUT, DELETE, LIST or *.
KEYS is a key, or the beginning of keys followed by *; for LIST it is the prefix of the request.
FAULT is 429, 500 or 503 for a call that is not carried out. For a call that is carried out it is
delay 250ms (or 2s), cut (the connection ends in the middle of the response) or garbage (noise for a
body). Repeat --fault for several rules; the first matching rule wins.

\b
For example:
  --fault 'PUT session/*: 503 5%'
  --fault 'GET *: delay 300ms 50%' --fault '* flag/new-ui: cut'
"""


def faults_of(rules: tuple[str, ...], seed: int) -> Any:
    """Return the Faults; raises InvalidAnswerError for a malformed rule."""
    from kvgen.kv.faults import Faults, parse_fault

    return Faults(map(parse_fault, rules), seed)
