"""Folders in the system's temporary folder; those that a kill left behind are removed."""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kvgen.files.locks import try_lock
from kvgen.files.signals import to_the_end, undisturbed

_PREFIX = "kvgen-"
# Proof that a folder is kvgen's, which its name is not; locked for as long as somebody uses it.
_MARK = ".kvgen-scratch"
_SAYS = b"A scratch folder of kvgen's. It is in use while this file is locked.\n"


@contextlib.contextmanager
def temporary_folder(purpose: str) -> Iterator[Path]:
    """Make a folder for the block, and first remove those that nobody uses any more."""
    remove_left_behind()
    with contextlib.ExitStack() as closing:
        with undisturbed():
            folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-")).resolve()
            mark = os.open(folder / _MARK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            closing.callback(os.close, mark)
            closing.callback(to_the_end, lambda: _remove(folder))
            # Locked before it says what it is, so that nobody takes it for one left behind.
            try_lock(mark)
            os.write(mark, _SAYS)
        yield folder


def remove_left_behind() -> None:
    """Remove the temporary folders of this user whose kvgen was killed."""
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as found:
        for entry in found:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    _remove_if_unused(Path(entry.path))


def _remove_if_unused(folder: Path) -> None:
    if folder.lstat().st_uid != os.geteuid():
        return
    # Neither a link nor a pipe is followed or waited for.
    mark = os.open(folder / _MARK, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        is_file = stat.S_ISREG(os.fstat(mark).st_mode)
        if is_file and os.read(mark, len(_SAYS) + 1) == _SAYS and try_lock(mark):
            _remove(folder)
    finally:
        os.close(mark)


def _remove(folder: Path) -> None:
    """Remove a folder as far as possible; its mark last, so that a kill leaves it to the next."""
    with contextlib.suppress(OSError):
        for child in folder.iterdir():
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child, ignore_errors=True)
            elif child.name != _MARK:
                child.unlink(missing_ok=True)
        (folder / _MARK).unlink(missing_ok=True)
        folder.rmdir()
