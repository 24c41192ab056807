"""Replaces files of a folder by staged ones; the old ones are compared, and can be restored.

An editor may save at any moment. So what a swap took out is looked at after it, and is put back if
it is not what the plan was made from; and an undo takes back only what is still kvgen's own.
"""

import contextlib
import errno
from typing import Self

from kvgen.errors import ConflictError, KvgenError
from kvgen.files.changes import link, move, remove_if_empty, swap, unlink, write
from kvgen.files.folder import Folder
from kvgen.files.signals import to_the_end, undisturbed
from kvgen.scaffold.lock import LOCK_FILE
from kvgen.scaffold.plan import Row
from kvgen.scaffold.staging import AFTER, OUT

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class Swaps:
    """The swaps of one run in a folder; all of them are undone at the end, unless kept."""

    def __init__(self, folder: Folder, stage: Folder) -> None:
        self._folder = folder
        self._stage = stage
        self._after = stage.below(AFTER, make=True)
        self._out = stage.below(OUT, make=True)
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._after, self._out:
            to_the_end(self._end)

    def keep(self) -> None:
        """Leave the folder as it is by now."""
        self._undo.pop_all()

    def _end(self) -> None:
        # From here on, what is missing in the staging folder has not been done any more.
        with contextlib.suppress(OSError):  # to undo matters more
            unlink(self._after, LOCK_FILE)
        self._undo.close()

    def stage(self, row: Row) -> None:
        """Put aside what a row writes, so that a swap needs no more room on the disk."""
        self._refuse_changed(row)
        present = self._folder.status(row.path)
        if present and not present.st_mode & 0o222:
            # A swap would not even notice.
            place = self._folder.full(row.path)
            raise KvgenError(f"{place} is read-only", f"make it writable: chmod u+w {place}")
        if row.after is not None:
            write(self._after, row.path, row.after, like=present)

    def swap(self, row: Row) -> None:
        """Do what a row says; raises ConflictError if the file changed meanwhile."""
        self._refuse_changed(row)
        with undisturbed():
            if row.before is None:
                self._add(row)
            elif row.after is None:
                move(self._folder, self._out, row.path)
                self._undo.callback(self._bring_back, row.path)
            else:
                self._replace(row)
        if row.before is not None and _content(self._out, row.path) != row.before:
            raise self._changed(row)

    def _add(self, row: Row) -> None:
        made = len(self._folder.made)
        try:
            self._folder.at(row.path, make=True)
        finally:
            for path in self._folder.made[made:]:
                self._undo.callback(remove_if_empty, self._folder, path)
        try:
            link(self._after, self._folder, row.path)
        except FileExistsError:
            raise self._changed(row) from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            move(self._after, self._folder, row.path)
        self._undo.callback(self._take_back, row)
        unlink(self._after, row.path)

    def _replace(self, row: Row) -> None:
        try:
            link(self._after, self._out, row.path)
            is_swapped = swap(self._out, self._folder, row.path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            is_swapped = False
        if is_swapped:
            self._undo.callback(self._swap_back, row)
            unlink(self._after, row.path)
            return
        # What cannot exchange files can still be told apart if one was saved in place.
        unlink(self._out, row.path)
        self._save(row)
        move(self._after, self._folder, row.path)
        self._undo.callback(self._put_back, row)

    def _save(self, row: Row) -> None:
        try:
            link(self._folder, self._out, row.path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            write(self._out, row.path, row.before or b"", like=self._folder.status(row.path))

    def _take_back(self, row: Row) -> None:
        with contextlib.suppress(FileNotFoundError):
            move(self._folder, self._out, row.path)
            if _content(self._out, row.path) != row.after:
                self._bring_back(row.path)

    def _swap_back(self, row: Row) -> None:
        with contextlib.suppress(FileNotFoundError):  # what the user removed stays away
            swap(self._out, self._folder, row.path)
            if _content(self._out, row.path) != row.after:
                swap(self._out, self._folder, row.path)

    def _put_back(self, row: Row) -> None:
        if _content(self._folder, row.path) == row.after:
            move(self._out, self._folder, row.path)

    def _bring_back(self, path: str) -> None:
        """Put a file into the folder again, unless there is another one by now."""
        try:
            link(self._out, self._folder, path)
        except FileExistsError:
            return
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            move(self._out, self._folder, path)

    def _refuse_changed(self, row: Row) -> None:
        if self._folder.read(row.path) != row.before:
            raise self._changed(row)

    def _changed(self, row: Row) -> ConflictError:
        place = self._folder.full(row.path)
        return ConflictError(f"{place} changed while kvgen was running", "run the command again")


def _content(folder: Folder, path: str) -> bytes | None:
    """Return the content of a file for a comparison; a file that cannot be read is the user's."""
    try:
        return folder.read(path)
    except KvgenError:
        return None
