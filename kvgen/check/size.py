"""Estimates how large a folder is when it is packed."""

import zlib
from collections.abc import Iterable, Iterator

from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources

LARGEST = 50_000_000  # bytes, compressed

_OVERHEAD = 256  # bytes a file: its name and the archive's own record


def check_size(sources: Sources, largest: int = LARGEST) -> Iterator[Finding]:
    """Yield a finding for a folder that is too large; node_modules counts, .git does not."""
    size = _packed(sources, sources.paths, largest)
    what = "with node_modules"
    if size > largest:
        what = f"the largest file {max(sources.paths, key=sources.size)}"
    else:
        size += _packed(sources, sources.installed_files(), largest - size)
    if size > largest:
        message = f"is more than {largest // 1_000_000} MB compressed, {what}"
        yield broken("size", ".", None, message, "leave out what the function does not need")
        return
    around = list(sources.files_around())
    if around and size + _packed(sources, around, largest - size) > largest:
        names = sorted({path.split("/")[0] for path in around})
        message = f"is more than {largest // 1_000_000} MB compressed with {', '.join(names)}"
        yield broken("size-around", ".", None, message, "keep them outside of the folder")


def _packed(sources: Sources, paths: Iterable[str], enough: int) -> int:
    """Return the compressed size in bytes; stops counting once it is more than ``enough``."""
    size = 0
    for path in paths:
        packer = zlib.compressobj(level=1)
        size += _OVERHEAD
        for chunk in sources.chunks(path):
            size += len(packer.compress(chunk))
            if size > enough:
                return size
        size += len(packer.flush())
        if size > enough:
            break
    return size
