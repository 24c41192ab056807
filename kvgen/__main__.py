"""The process: `kvgen`, which is also `python -m kvgen`."""

import atexit
import gc

_OBJECTS_PER_SWEEP = 50_000


def main() -> None:
    """Run the command line.

    What a command imports lives as long as the process. To search it for garbage every 700 objects,
    and once more at the end, is a tenth of the time that `kvgen new` takes.
    """
    gc.set_threshold(_OBJECTS_PER_SWEEP)
    atexit.register(gc.freeze)
    from kvgen.cli import main as commands

    commands(prog_name="kvgen")


if __name__ == "__main__":
    main()
