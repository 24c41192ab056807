"""The process: `kvgen`, which is also `python -m kvgen`."""

import atexit
import gc
import signal

_OBJECTS_PER_SWEEP = 50_000


def main() -> None:
    """Run the command line.

    What a command imports lives as long as the process. To search it for garbage every 700 objects,
    and once more at the end, is a tenth of the time that `kvgen new` takes.
    """
    # Until a command handles it, Ctrl-C would be a traceback in the middle of an import.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(_OBJECTS_PER_SWEEP)
    atexit.register(gc.freeze)
    from kvgen.cli import main as commands

    commands(prog_name="kvgen")


if __name__ == "__main__":
    main()
