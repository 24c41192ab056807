"""Steps during which a signal that ends kvgen must wait, until they can be undone."""

import contextlib
import signal
from collections.abc import Callable, Iterator

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back the signals that end a process; they come when the block has ended."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        # One that has come already is raised here, with all the others held back.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def to_the_end(step: Callable[[], None]) -> None:
    """Run a step that cleans up, whatever signals come meanwhile; it may be run twice."""
    try:
        with undisturbed():
            step()
    except BaseException:
        step()  # A signal may have come so early that nothing was done yet.
        raise
