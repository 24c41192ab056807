"""Where a template may make a file, and so where kvgen may remove one. Pure."""

from functools import lru_cache

from kvgen.files.paths import is_git
from kvgen.scaffold.words import shown

_STEPS = frozenset({".", ".."})
_DEEPEST = 16  # folders in each other
#: Folders that are filled by other programs.
_FOREIGN = frozenset({"node_modules", "venv", "vendor", "__pycache__"})
#: Files of every function that no template makes.
_KVGENS = frozenset({"kvgen.toml", "kvgen.lock"})
_EXAMPLES = ("example", "sample", "template")


@lru_cache(maxsize=1024)  # the folders of a run have most of their paths in common
def check_target(path: str) -> str:
    """Return the path; raises ValueError for one that no template may make.

    Those are what leads out of the folder, what is hidden in folders such as git's, what other
    programs install, a user's own .env, and what kvgen itself keeps there.
    """
    *folders, name = path.split("/")
    is_clean = path.isprintable() and all(folders) and name and "\\" not in path
    is_inside = _STEPS.isdisjoint([*folders, name]) and len(folders) < _DEEPEST
    is_shown = not any(f.startswith(".") or f in _FOREIGN for f in folders)
    is_free = path not in _KVGENS and not is_dotenv(name)
    is_gits = any(map(is_git, [*folders, name]))
    if is_clean and is_inside and is_shown and is_free and not is_gits:
        return path
    raise ValueError(f"{shown(path)} is not a path at which a template may make a file")


def is_dotenv(name: str) -> bool:
    """Whether a file of this name holds a user's own variables: no example does."""
    return name == ".env" or (name.startswith(".env.") and not name.endswith(_EXAMPLES))
