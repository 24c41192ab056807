"""Estimates how large a folder is when it is packed."""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from kvgen.check.finding import Finding
from kvgen.check.rules import broken
from kvgen.check.sources import Sources

LARGEST = 50_000_000  # bytes, compressed

_CHUNK = 2**20
_OVERHEAD = 256  # bytes a file: its name and the archive's own record


def check_size(sources: Sources, largest: int = LARGEST) -> Iterator[Finding]:
    """Yield a finding for a folder that is too large; node_modules counts, .git does not."""
    own = [sources.root / path for path in sources.paths]
    size = _packed(own, largest)
    what = "with node_modules"
    if size > largest:
        biggest = max(own, key=lambda place: place.stat().st_size)
        what = f"the largest file {biggest.relative_to(sources.root).as_posix()}"
    else:
        size += _packed(sources.installed_files(), largest - size)
    if size > largest:
        message = f"is more than {largest // 1_000_000} MB compressed, {what}"
        yield broken("size", ".", None, message, "leave out what the function does not need")
        return
    around = list(sources.files_around())
    if around and size + _packed(around, largest - size) > largest:
        names = sorted({place.relative_to(sources.root).parts[0] for place in around})
        message = f"is more than {largest // 1_000_000} MB compressed with {', '.join(names)}"
        yield broken("size-around", ".", None, message, "keep them outside of the folder")


def _packed(places: Iterable[Path], enough: int) -> int:
    """Return the compressed size in bytes; stops counting once it is more than ``enough``."""
    size = 0
    for place in places:
        packer = zlib.compressobj(level=1)
        size += _OVERHEAD
        try:
            with place.open("rb") as file:
                while size <= enough and (chunk := file.read(_CHUNK)):
                    size += len(packer.compress(chunk))
        except OSError:
            continue  # said already, where it matters
        size += len(packer.flush())
        if size > enough:
            break
    return size
