"""Commands that kvgen starts: from PATH, and never one that came with what it looks at."""

import os
import shutil
from pathlib import Path

_INSTALLED = "node_modules"


def find_command(name: str, folder: Path | None = None, *more: Path) -> Path | None:
    """Return a command on the trusted part of PATH, or in one of ``more`` places."""
    places = os.pathsep.join([trusted_path(folder), *map(str, more)])
    found = shutil.which(name, path=places)
    return Path(found) if found else None


def trusted_path(folder: Path | None = None) -> str:
    """Return PATH without the places that a repository could fill.

    Those are relative ones, those of a project's packages, and those in the folder.
    """
    places = map(Path, os.environ.get("PATH", os.defpath).split(os.pathsep))
    return os.pathsep.join(str(place) for place in places if _is_trusted(place, folder))


def _is_trusted(place: Path, folder: Path | None) -> bool:
    if not place.is_absolute() or _INSTALLED in place.parts:
        return False
    real = Path(os.path.realpath(place))
    return folder is None or not real.is_relative_to(os.path.realpath(folder))
