"""Where templates are looked up: in folders of your own first, then in kvgen's."""

import os
from pathlib import Path
from typing import NamedTuple

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.files.folder import Folder
from kvgen.files.paths import LargeFileError

VARIABLE = "KVGEN_TEMPLATES"

_LARGEST = 4 * 2**20  # bytes of one file


class Templates(NamedTuple):
    """Roots of templates: of two with the same name, the one in the first root counts.

    ``given`` is what --templates says, or else a folder's kvgen.toml, which has it as ``recorded``.
    ``others`` are those of the environment, and at last kvgen's own.
    """

    given: Path | None
    recorded: str
    others: tuple[Path, ...]

    @property
    def roots(self) -> tuple[Path, ...]:
        """All of them, each once, in the order in which they are looked through."""
        first = (self.given,) if self.given else ()
        return tuple(dict.fromkeys((*first, *self.others)))


def _find_own() -> Path:
    """Return the folder of kvgen's templates: inside the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


OWN_ROOT = _find_own()
OWN = Templates(None, "", (OWN_ROOT,))


def chosen_templates(given: Path | None, variable: str) -> Templates:
    """Return where to look: in what was said on the command line, then in the environment.

    Raises InvalidAnswerError for a path that is not a folder.
    """
    named = [("--templates", given)] if given else []
    named += [(VARIABLE, Path(text)) for text in variable.split(os.pathsep) if text]
    for where, path in named:
        if not path.is_dir():
            hint = "name a folder with a folder for each pattern; kvgen template new begins one"
            raise InvalidAnswerError(f"{where} {str(path)!r}: there is no such folder", hint)
    roots = [_real(path) for _, path in named]
    first = roots.pop(0) if given else None
    return Templates(first, "", (*roots, OWN_ROOT))


def of_function(templates: Templates, folder: Path, recorded: str) -> Templates:
    """Return where to look for the patterns of the function in a folder.

    ``recorded`` is what its kvgen.toml says; what the command line says counts instead. Raises
    KvgenError if there is no such folder any more.
    """
    if not recorded:
        return templates
    place = folder / recorded
    if templates.given:
        return templates._replace(recorded=recorded)
    if not place.is_dir():
        raise KvgenError(
            f"{folder / 'kvgen.toml'}: templates = {recorded!r}: there is no folder {place}",
            "bring it back, correct the line, or say where it is now: --templates DIR",
        )
    return Templates(_real(place), recorded, templates.others)


def with_record(templates: Templates, folder: Path) -> Templates:
    """Return the same with what a folder's kvgen.toml is to say: the way to ``given``.

    It says nothing if the two are not in one repository, and so do not move together. Raises
    InvalidAnswerError if it says another folder already.
    """
    if not templates.given:
        return templates
    here = _real(folder)
    if templates.recorded:
        if _real(here / templates.recorded) != templates.given:
            raise InvalidAnswerError(
                f"--templates {str(templates.given)!r}: {folder / 'kvgen.toml'} has the templates "
                f"{templates.recorded!r}, and a function has those of one folder",
                "put the patterns into one folder, or correct the line",
            )
        return templates
    repository = _repository(here)
    if repository is None or _repository(templates.given) != repository:
        return templates
    way = Path(os.path.relpath(templates.given, here)).as_posix()
    return templates._replace(recorded=way)


def read_source(root: Path, path: str) -> bytes:
    """Return the content of a template.

    Raises KvgenError for one that leads out of the root or through a link, that is no file, or
    that is too large; ValueError for one that does not exist.
    """
    with Folder(root) as folder:
        content = folder.read(path)
    if content is None:
        raise ValueError(f"{path!r} does not exist")
    if len(content) > _LARGEST:
        what = f"{root / path} has more than {_LARGEST >> 20} MiB"
        raise LargeFileError(what, "remove files from the templates that are not code")
    return content


def _repository(path: Path) -> Path | None:
    return next((p for p in (path, *path.parents) if os.path.lexists(p / ".git")), None)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
