"""`python -m bench [PART…]`: measure all parts or those that are named, and write RESULTS.md.

One run on a machine that others use says little: all is measured several times, and published are
medians with their range.
"""

import importlib
import os
import sys
import time

from bench import report
from bench.settings import RUNS

PARTS = {
    "versions": "bench.versions",
    "edits": "bench.edits",
    "startup": "bench.startup",
    "regenerate": "bench.regenerate",
    "functions": "bench.functions",
    "instances": "bench.instances",
    "profiles": "bench.profiles",
    "kv": "bench.kv.compare",
    "shared": "bench.kv.shared",
}


def main() -> None:
    """Run the parts one after the other, and that as often as settings say.

    A part that fails leaves its earlier figures alone.
    """
    names = sys.argv[1:] or list(PARTS)
    for name in names:
        if name not in PARTS:
            sys.exit(f"no part {name!r}: the parts are {', '.join(PARTS)}")
    failed = []
    for run in range(1, RUNS + 1):
        os.environ["BENCH_RUN"] = str(run)
        print(f"run {run} of {RUNS}")
        failed += _measure(names)
    report.write()
    print("bench/RESULTS.md is written")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _measure(names: list[str]) -> list[str]:
    failed = []
    for name in names:
        start = time.monotonic()
        print(f"{name} …", end=" ", flush=True)
        try:
            importlib.import_module(PARTS[name]).run()
        except (Exception, SystemExit) as error:
            print(f"failed: {error!r}", flush=True)
            failed.append(name)
        else:
            print(f"{time.monotonic() - start:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    main()
