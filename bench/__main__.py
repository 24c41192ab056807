"""`python -m bench [PART…]`: measure all parts or those that are named, and write RESULTS.md."""

import importlib
import importlib.util
import sys
import time

from bench import report

PARTS = {
    "versions": "bench.versions",
    "startup": "bench.startup",
    "regenerate": "bench.regenerate",
    "functions": "bench.functions",
    "instances": "bench.instances",
    "profiles": "bench.profiles",
    "kv": "bench.kv.compare",
}


def main() -> None:
    """Run the parts one after the other; a part that fails leaves its earlier figures alone."""
    failed = []
    for name in sys.argv[1:] or PARTS:
        if name not in PARTS:
            sys.exit(f"no part {name!r}: the parts are {', '.join(PARTS)}")
        if not _exists(PARTS[name]):
            continue
        start = time.monotonic()
        print(f"{name} …", end=" ", flush=True)
        try:
            importlib.import_module(PARTS[name]).run()
        except (Exception, SystemExit) as error:
            print(f"failed: {error!r}", flush=True)
            failed.append(name)
        else:
            print(f"{time.monotonic() - start:.0f} s", flush=True)
    report.write()
    print("bench/RESULTS.md is written")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _exists(module: str) -> bool:
    parent = module.rpartition(".")[0]
    if parent != "bench" and importlib.util.find_spec(parent) is None:
        return False
    return importlib.util.find_spec(module) is not None


if __name__ == "__main__":
    main()
