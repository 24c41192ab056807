"""A folder as a door: access to the files below it, and to no other place.

A path is walked from folder to folder, each opened in the one above it and none through a link, so
that whatever changes the tree meanwhile, nothing outside of it is read or written.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from kvgen.errors import KvgenError
from kvgen.files.paths import LargeFileError, leads_out, no_file, refused, steps_of

LARGEST = 16 * 2**20  # bytes; kvgen leaves alone what has more

_MOST_OPEN = 50  # folders; a process may have a few hundred
# O_PATH asks for no right to list a folder; macOS does not have it.
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", 0)
# Neither does it follow a link, nor wait for the other end of a pipe.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NOT_THERE = (FileNotFoundError, NotADirectoryError)


class Folder:
    """An open folder, to be closed or used with ``with``; paths below it are relative, with ``/``.

    The folder itself may be named by a link. Paths that lead out of it, through a link or into
    git's own folder are refused with KvgenError; ``reads_git`` is for who only looks in there.
    """

    def __init__(self, place: Path | str, *, reads_git: bool = False) -> None:
        self._reads_git = reads_git
        self.place = os.fspath(place)
        self.handle = os.open(self.place, _FOLDER)
        self.made: list[str] = []  # the folders that this door has made, the outermost first
        self._below: dict[str, int] = {}
        self._owner: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def owner(self) -> tuple[int, int] | None:
        """Whose the folder is, for root alone: what it makes there is theirs."""
        if self._owner is None and os.geteuid() == 0:
            self._owner = owner_of(os.fstat(self.handle))
        return self._owner

    def close(self) -> None:
        """Let go of the folder and of all that was opened below it."""
        self.forget()
        os.close(self.handle)

    def forget(self) -> None:
        """Let go of the folders that were opened below this one: they may be others by now."""
        while self._below:
            os.close(self._below.popitem()[1])

    def below(self, path: str, *, make: bool = False) -> "Folder":
        """Open a folder below this one as a door of its own."""
        self.forget()
        handle = os.dup(self.at(f"{path}/.", make=make)[0])
        self.forget()
        folder = object.__new__(Folder)
        folder.place, folder.handle, folder._owner = self.full(path), handle, self.owner
        folder.made, folder._below, folder._reads_git = [], {}, self._reads_git
        return folder

    def at(self, path: str, *, make: bool = False) -> tuple[int, str]:
        """Return the open folder that a path lies in, and the path's last name.

        The folder stays open until the next call. ``make`` makes the folders that are missing.
        Raises FileNotFoundError or NotADirectoryError if there is no such folder.
        """
        steps = steps_of(path, reads_git=self._reads_git)
        if not steps:
            raise refused(path, self.full(path))
        if len(self._below) > _MOST_OPEN:
            self.forget()
        handle, place = self.handle, ""
        for step in steps[:-1]:
            place = f"{place}/{step}"
            if place not in self._below:
                if make:
                    self._make(handle, step, place)
                self._below[place] = self._enter(handle, step, place)
            handle = self._below[place]
        return handle, steps[-1]

    def open(self, path: str) -> tuple[int, int] | None:
        """Open a file; returns handle and size, None if there is none. Refuses all but files."""
        try:
            handle, name = self.at(path)
            file = os.open(name, _FILE, dir_fd=handle)
        except _NOT_THERE:
            return None
        except OSError as error:
            raise self.said(error, path) from None
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            os.close(file)
            raise no_file(self.full(path))
        return file, status.st_size

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, or None if there is none.

        Raises LargeFileError for one that has more than LARGEST bytes.
        """
        opened = self.open(path)
        if opened is None:
            return None
        file, size = opened
        try:
            content = _read_to_end(file, size)
        finally:
            os.close(file)
        if content is None:
            raise LargeFileError(
                f"{self.full(path)} has more than {LARGEST >> 20} MiB", "move it away"
            )
        return content

    @contextlib.contextmanager
    def opened(self) -> Iterator[int]:
        """Open the folder itself: to list it, to lock it, to change its mode."""
        handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.handle)
        try:
            yield handle
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """Return the names of all that is in the folder."""
        with self.opened() as handle:
            return os.listdir(handle)

    def status(self, path: str) -> os.stat_result | None:
        """Return what a file, link or folder is, or None if there is none."""
        try:
            handle, name = self.at(path)
            return os.stat(name, dir_fd=handle, follow_symlinks=False)
        except _NOT_THERE:
            return None

    def full(self, path: str) -> str:
        """Return a path as messages show it."""
        return os.path.join(self.place, path)

    def said(self, error: OSError, path: str) -> OSError | KvgenError:
        """Return an error of the system with the whole path; for a link, what is wrong with it."""
        if error.errno in (errno.ELOOP, errno.EMLINK):
            return leads_out(self.full(path))
        if error.errno == errno.ENXIO:  # a socket
            return no_file(self.full(path))
        error.filename, error.filename2 = self.full(path), None
        return error

    def _enter(self, above: int, name: str, path: str) -> int:
        try:
            return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=above)
        except OSError as error:
            # For a link, Linux says that it is not a folder.
            is_no_folder = error.errno == errno.ENOTDIR
            if is_no_folder and stat.S_ISLNK(os.lstat(name, dir_fd=above).st_mode):
                raise leads_out(self.full(path[1:])) from None
            raise self.said(error, path[1:]) from None

    def _make(self, above: int, name: str, path: str) -> None:
        try:
            os.mkdir(name, dir_fd=above)
        except FileExistsError:
            return
        self.made.append(path[1:])
        if self.owner:
            handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
            os.fchown(handle, *self.owner)
            os.close(handle)


def owner_of(status: os.stat_result) -> tuple[int, int]:
    """Return whose a file is: the numbers of its user and its group."""
    return status.st_uid, status.st_gid


def _read_to_end(file: int, size: int) -> bytes | None:
    """Read a file; None for one that is too large, or that grows too large meanwhile."""
    content = os.read(file, size + 1) if size <= LARGEST else b""
    while size < len(content) <= LARGEST and (more := os.read(file, 1 << 20)):
        content += more
    return content if max(size, len(content)) <= LARGEST else None
