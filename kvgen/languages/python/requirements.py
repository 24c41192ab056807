"""A Python that satisfies a folder's dependencies: kvgen's own, or one in a venv for the folder."""

import hashlib
import json
import os
import shutil
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from kvgen.errors import KvgenError
from kvgen.languages.kept import run_tool
from kvgen.languages.run import BuildError
from kvgen.toml import read_toml


def python_for(folder: Path) -> Path:
    """Return a Python that has what the folder's pyproject.toml depends on.

    kvgen's own does for a fresh scaffold, without a network. For other dependencies a venv is
    made, outside the folder, which takes a moment. Raises KvgenError if that fails.
    """
    texts = _to_install(folder)
    if not texts:
        return Path(sys.executable)
    place = _place_of(texts)
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        _make(place, python, texts)
    return python


def must_install(folder: Path) -> bool:
    """Whether ``python_for`` has to install something first; raises KvgenError as it does."""
    texts = _to_install(folder)
    return bool(texts) and not (_place_of(texts) / "ready").exists()


def _to_install(folder: Path) -> list[str]:
    """Return what the folder's own Python has to have; nothing if kvgen's own does."""
    wanted = _dependencies(folder)
    if all(_is_satisfied(requirement) for requirement in wanted):
        return []
    return sorted({*map(str, wanted), f"func-python=={metadata.version('func-python')}"})


def _place_of(texts: list[str]) -> Path:
    return _cache() / hashlib.sha256(json.dumps([sys.version, texts]).encode()).hexdigest()[:16]


def _dependencies(folder: Path) -> list[Requirement]:
    path = folder / "pyproject.toml"
    if not path.is_file():  # a pipe would be waited for
        hint = "write one with [project]; kvgen new PATTERN DIR --force brings back kvgen's"
        raise KvgenError(f"{path} is not a file", hint)
    try:
        project = read_toml(path.read_text(encoding="utf-8-sig")).get("project", {})
        return [Requirement(text) for text in project.get("dependencies", [])]
    except (OSError, ValueError, AttributeError, TypeError, InvalidRequirement) as error:
        raise BuildError(f"{path}: {error}", "correct [project].dependencies") from None


def _is_satisfied(requirement: Requirement) -> bool:
    if requirement.marker and not requirement.marker.evaluate():
        return True
    try:
        installed = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return False
    # Whether extras came along cannot be told from the version, so a venv settles it.
    return not requirement.extras and requirement.specifier.contains(installed, prereleases=True)


def _make(place: Path, python: Path, requirements: list[str]) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    # A killed tool leaves its files below this folder; the next try removes them.
    environment = {**os.environ, "PIP_NO_INPUT": "1", "TMPDIR": str(place)}
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    for command in ([sys.executable, "-m", "venv", str(place)], [str(python), *install]):
        code, output = run_tool(command, place, environment)
        if code:
            shutil.rmtree(place, ignore_errors=True)
            raise BuildError(
                f"pip could not install {', '.join(requirements)}:\n{output.strip()}",
                "this step needs a network; functions without further dependencies do not",
            )
    (place / "ready").touch()


def _cache() -> Path:
    import platformdirs

    try:
        place = platformdirs.user_cache_path("kvgen") / "python"
        if not place.is_absolute():
            raise RuntimeError(f"{place} is not an absolute path")  # as newer platformdirs do
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        raise KvgenError(
            f"there is no place for the function's own Python: {error}",
            "name a folder: XDG_CACHE_HOME=DIR",
        ) from None
    return place
