"""Scratch folders of kvgen's, and how they are told from folders of the user's.

A scratch folder is known by what is in it: a file that is named after the folder's own inode, which
no clone or copy of it has. Its name alone says nothing.
"""

import contextlib
import os
import stat
from collections.abc import Iterator

from kvgen.files.changes import remove_if_empty, remove_tree, unlink, write
from kvgen.files.folder import Folder
from kvgen.files.locks import lock
from kvgen.files.paths import mark_of, prefix_of
from kvgen.files.signals import to_the_end, undisturbed


@contextlib.contextmanager
def scratch_folder(parent: Folder, name: str) -> Iterator[Folder]:
    """Yield a scratch folder on the same file system, hidden, locked, and gone afterwards."""
    scratch = f"{prefix_of(name)}{os.urandom(6).hex()}"
    with contextlib.ExitStack() as closing:
        try:
            with undisturbed():
                parent.at(f"{scratch}/.", make=True)
                stage = closing.enter_context(parent.below(scratch))
                handle = closing.enter_context(stage.opened())
                lock(handle)  # another run may be looking whether this is a leftover
                os.fchmod(handle, stat.S_IRWXU)
                write(stage, mark_of(os.fstat(handle)), b"")
            yield stage
        finally:
            # Before the lock goes: without one it would be a leftover to others.
            to_the_end(lambda: discard(parent, scratch))


def finish(parent: Folder, stage: Folder, name: str) -> None:
    """Turn a scratch folder into a normal one: remove its mark and move it to its place.

    Raises OSError if there is something that is not an empty folder.
    """
    with undisturbed():
        scratch = os.path.basename(stage.place)
        unlink(stage, mark_of(os.fstat(stage.handle)))
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(".", 0o777 & ~mask, dir_fd=stage.handle)
        os.rename(scratch, name, src_dir_fd=parent.handle, dst_dir_fd=parent.handle)


def discard(parent: Folder, scratch: str) -> None:
    """Remove a scratch folder, its mark last."""
    with contextlib.suppress(OSError), parent.below(scratch) as stage:
        mark = mark_of(os.fstat(stage.handle))
        for name in stage.names():
            if name != mark:
                remove_tree(stage, name)
        if stage.names() == [mark]:  # what could not be removed is left to the next run
            unlink(stage, mark)
    remove_if_empty(parent, scratch)
