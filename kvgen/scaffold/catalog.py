"""The patterns and the shared files below the roots of templates, their manifests read strictly."""

import hashlib
import os
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kvgen.errors import InvalidAnswerError, KvgenError
from kvgen.files.folder import Folder
from kvgen.files.walk import Unread, walk
from kvgen.languages.describe import BY_NAME
from kvgen.scaffold.manifest import parse_pattern
from kvgen.scaffold.model import Pattern, TemplateFile, Written
from kvgen.scaffold.roots import OWN, OWN_ROOT, Templates, read_source
from kvgen.scaffold.targets import check_target
from kvgen.scaffold.words import did_you_mean, shown
from kvgen.toml import read_toml

SHARED = "_shared"
_EVERY_LANGUAGE = "any"
_MANIFEST = "pattern.toml"
_REFERENCE = "kvgen template reference lists all keys and kinds"
_LARGEST_MANIFEST = 256 * 2**10  # bytes


def pattern_names(templates: Templates = OWN) -> list[str]:
    """Return the names of the patterns, sorted."""
    return sorted({name for root in templates.roots for name in _names_in(root)})


def _names_in(root: Path) -> list[str]:
    return [manifest.parent.name for manifest in root.glob(f"*/{_MANIFEST}")]


def hidden_roots(pattern: Pattern, templates: Templates) -> list[Path]:
    """Return the roots that have a pattern of the same name, which is not the one that counts."""
    own = [root for root in templates.roots if pattern.name in _names_in(root)]
    return [root for root in own if root != pattern.root]


@cache
def load_pattern(name: str, templates: Templates = OWN) -> Pattern:
    """Read a pattern's manifest.

    Raises InvalidAnswerError for an unknown pattern, KvgenError for a manifest that is not right.
    """
    roots = templates.roots
    for root in roots:
        if name in _names_in(root):
            return read_pattern(name, root)
    known = sorted({name for root in roots for name in _names_in(root)})
    own = ", ".join(str(root) for root in roots if root != OWN_ROOT)
    where = f"those in {own} are among them" if own else "--templates DIR adds yours"
    raise InvalidAnswerError(
        f"unknown pattern {shown(name)}{did_you_mean(name, known)}",
        f"the patterns are {', '.join(known)}; {where}",
    )


def read_pattern(name: str, root: Path) -> Pattern:
    """Read the manifest of a pattern of one root; raises KvgenError if it is not right."""
    path = f"{name}/{_MANIFEST}"
    try:
        content = read_source(root, path)
        if len(content) > _LARGEST_MANIFEST:
            raise ValueError(f"it has more than {_LARGEST_MANIFEST >> 10} KiB")
        pattern = parse_pattern(name, read_toml(content.decode("utf-8")))
        _refuse_missing(pattern, root)
    except UnicodeDecodeError:
        raise KvgenError(f"{root / path}: it is not UTF-8 text", _REFERENCE) from None
    except RecursionError:
        raise KvgenError(f"{root / path}: it is nested too deeply", _REFERENCE) from None
    except ValueError as error:
        raise KvgenError(f"{root / path}: {error}", _REFERENCE) from None
    return pattern._replace(root=root)


def written_in(pattern: Pattern, language: str) -> Written:
    """Return a pattern in a language; raises InvalidAnswerError if it is not written in it."""
    if language not in pattern.languages:
        raise InvalidAnswerError(
            f"the pattern {pattern.name!r} is not written in {language}",
            f"it is in {', '.join(pattern.languages)}",
        )
    return pattern.languages[language]


def sources_of(written: Written) -> list[str]:
    """Return the paths of all templates of a pattern in one language."""
    groups = (written.parts, written.function, written.use, written.foreign_use)
    return [written.section, *(file.source for group in groups for file in group)]


def origin_of(pattern: Pattern, language: str) -> str | None:
    """Return a hash over a pattern's manifest and templates in a language; None for kvgen's own."""
    if pattern.root == OWN_ROOT:
        return None
    digest = hashlib.sha256()
    for path in (f"{pattern.name}/{_MANIFEST}", *sources_of(pattern.languages[language])):
        content = read_source(pattern.root, path)
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return f"sha256:{digest.hexdigest()}"


def shared_files(
    language: str, templates: Templates = OWN, store: str = ""
) -> tuple[TemplateFile, ...]:
    """Return the templates that every function of a language has, sorted by target.

    A root may bring files of its own, and replaces others by files of the same name. So do those
    of the way to the KV, which have a folder of their own.
    """
    return _shared(language, templates.roots, store)


@cache
def _shared(language: str, roots: tuple[Path, ...], store: str) -> tuple[TemplateFile, ...]:
    found: dict[str, TemplateFile] = {}
    for root in roots:
        for folder in (f"{language}.{store}", language, _EVERY_LANGUAGE):
            for path in _paths(root / SHARED / folder):
                source, target = f"{SHARED}/{folder}/{path}", path.removesuffix(".j2")
                try:
                    file = TemplateFile(source, check_target(target))
                except ValueError as error:
                    raise KvgenError(f"{root / source}: {error}") from None
                found.setdefault(target, file)
    return tuple(sorted(found.values(), key=lambda file: file.target))


def handler_lines(pattern: Pattern, language: str) -> int:
    """Return how many lines the handler has; a handler's template has no control lines."""
    target = BY_NAME[language].handler
    files = pattern.languages[language].function
    source = next(f.source for f in files if f.target == target and not f.when)
    return len(read_source(pattern.root, source).splitlines())


def _paths(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return

    def blame(path: str, problem: Unread) -> None:
        raise KvgenError(f"{folder / path} {problem.text}")

    for path, entry in walk(os.fspath(folder), lambda _, e: e.name != "__pycache__", blame):
        if not entry.is_dir(follow_symlinks=False):
            yield path


def _refuse_missing(pattern: Pattern, root: Path) -> None:
    with Folder(root) as folder:
        for language, written in pattern.languages.items():
            for source in sources_of(written):
                status = folder.status(source)
                if status is None:
                    raise ValueError(f"languages.{language}: {source!r} does not exist")
                if not stat.S_ISREG(status.st_mode):
                    raise ValueError(f"languages.{language}: {source!r} is a link, not a file")
