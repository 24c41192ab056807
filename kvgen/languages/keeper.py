"""A script between kvgen and a process that it starts: it ends the process when kvgen ends.

Its stdin is a pipe whose other end only kvgen holds: on every system the kernel closes it when
kvgen is killed. The keeper leads the process group of the function and of the function's children.
"""

import _thread
import os
import signal
import sys

_STOPPED = 128  # and the number of the signal: what shells say of a process that a signal ended
_NOT_STARTED = 127


def main(command: list[str]) -> None:
    """Run a command until it ends, and end with its exit code; SIGTERM is passed on."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # until there is somebody to pass it to
    child = os.fork()
    if child == 0:
        _become(command)
    signal.signal(signal.SIGTERM, lambda number, _: os.kill(child, number))
    _thread.start_new_thread(_end_with_kvgen, ())
    _, status = os.waitpid(child, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else _STOPPED - code)


def _become(command: list[str]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        os.execv(command[0], command)  # noqa: S606 - a shell is what it is not to have
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(_NOT_STARTED)


def _end_with_kvgen() -> None:
    os.read(0, 1)  # until the other end is closed: nothing is ever written to it
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
