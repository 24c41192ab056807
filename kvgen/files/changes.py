"""Changes to the file system, made through the door of ``files``: each is whole or not there."""

import contextlib
import os
import stat

from kvgen.files.exchange import exchange
from kvgen.files.folder import Folder, owner_of

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write(folder: Folder, path: str, content: bytes, like: os.stat_result | None = None) -> None:
    """Write a file that is not there yet, with the folders above it.

    It gets the owner and the mode of another, if one is given, else the folder's and the umask's.
    """
    try:
        handle, name = folder.at(path, make=True)
        file = os.open(name, _WRITE, 0o666, dir_fd=handle)
    except OSError as error:
        raise folder.said(error, path) from None
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(file, view) :]
        _dress(file, folder.owner, like)
    except OSError as error:
        raise folder.said(error, path) from None
    finally:
        os.close(file)


def unlink(folder: Folder, path: str) -> None:
    """Remove a file, which may be missing."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        handle, name = folder.at(path)
        os.unlink(name, dir_fd=handle)


def remove_if_empty(folder: Folder, path: str) -> None:
    """Remove a folder if nothing is in it."""
    folder.forget()
    with contextlib.suppress(OSError):
        handle, name = folder.at(path)
        os.rmdir(name, dir_fd=handle)


def remove_tree(folder: Folder, name: str) -> None:
    """Remove what is in a folder by a name: a file, a link, or a folder with all that is in it."""
    import shutil

    try:
        os.unlink(name, dir_fd=folder.handle)
    except (IsADirectoryError, PermissionError):  # macOS says that it is not permitted
        shutil.rmtree(name, ignore_errors=True, dir_fd=folder.handle)


def link(source: Folder, target: Folder, path: str) -> None:
    """Give a file the same path in another folder as well; FileExistsError if that is taken."""
    handle, name = source.at(path)
    try:
        other, _ = target.at(path, make=True)
        options = {"src_dir_fd": handle, "dst_dir_fd": other}
        os.link(name, name, **options, follow_symlinks=False)
    except OSError as error:
        raise target.said(error, path) from None


def move(source: Folder, target: Folder, path: str) -> None:
    """Move a file to the same path in another folder, in place of what is there."""
    handle, name = source.at(path)
    try:
        other, _ = target.at(path, make=True)
        os.replace(name, name, src_dir_fd=handle, dst_dir_fd=other)
    except OSError as error:
        raise target.said(error, path) from None


def swap(source: Folder, target: Folder, path: str) -> bool:
    """Let two files at the same path change places; False if the system cannot do that."""
    handle, name = source.at(path)
    try:
        other, _ = target.at(path)
        return exchange(handle, other, name)
    except OSError as error:
        raise target.said(error, path) from None


def _dress(file: int, owner: tuple[int, int] | None, like: os.stat_result | None) -> None:
    wanted = owner_of(like) if like else owner
    if wanted and wanted != owner_of(os.fstat(file)):
        with contextlib.suppress(PermissionError):  # only root gives files away
            os.fchown(file, *wanted)
    if like:
        os.fchmod(file, stat.S_IMODE(like.st_mode))
