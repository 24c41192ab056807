"""Press every function for a while, with one request in twenty failing behind it.

    .venv/bin/python -m bench.load [--seconds 60] [--pattern session] [--host knative]

Prints a line a function: answers by kind, the rate, and what it held on to at a third of the time
and at the end. Exits with 1 if an answer was wrong, or something grew that must not.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.behaviour.conftest import PATTERNS
from tests.behaviour.hosts import HOSTS
from tests.behaviour.load import endure

_ONE_A_LANGUAGE = ("javascript", "python", "knative")


def main(arguments: Sequence[str] | None = None) -> int:
    """Press what was asked for, one function after the other."""
    parser = argparse.ArgumentParser(description="Press functions while things fail behind them.")
    parser.add_argument("--seconds", type=float, default=60, help="for each function")
    parser.add_argument("--pattern", choices=PATTERNS, action="append")
    parser.add_argument("--host", choices=list(HOSTS), action="append")
    asked = parser.parse_args(arguments)
    complaints = 0
    for pattern in asked.pattern or PATTERNS:
        for host in asked.host or _ONE_A_LANGUAGE:
            found = endure(pattern, host, asked.seconds)
            kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(found.report.answers.items()))
            print(f"{pattern} {host}: {found.per_second:.0f} req/s; {kinds}")
            print(f"  held {found.early}; then {found.late}")
            for complaint in found.complaints:
                complaints += 1
                print(f"  {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
