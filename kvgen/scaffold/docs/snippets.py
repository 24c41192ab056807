"""What a page can show: a file of a pattern in a language, rendered with the default answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from kvgen.errors import KvgenError
from kvgen.scaffold.answers import check_answers, check_language, did_you_mean, shown
from kvgen.scaffold.catalog import load_pattern
from kvgen.scaffold.model import LANGUAGES
from kvgen.scaffold.render import render

_HELPERS = "kv"  # the stem of the file that every pattern has, in every language
_SHARED = "_shared/"
_KINDS = ("handler", "helpers", "file")
_FENCES = {
    ".go": "go",
    ".js": "javascript",
    ".json": "json",
    ".md": "markdown",
    ".py": "python",
    ".toml": "toml",
}
_USAGE = "a region says PATTERN LANGUAGE handler, … helpers, or … file PATH"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A whole file; ``words`` are what a marker says to have it."""

    words: tuple[str, ...]
    path: str
    text: str

    @property
    def info(self) -> str:
        """Return what follows the fence: the language, then the file's name as a title."""
        return f"{_FENCES.get(PurePosixPath(self.path).suffix, 'text')} {self.path}"


def find_snippet(words: Sequence[str]) -> Snippet:
    """Return what a marker's words ask for.

    Raises KvgenError for words that are none, or name what there is not.
    """
    if len(words) < 3:
        raise KvgenError(f"{shown(' '.join(words))} names nothing", _USAGE)
    pattern = load_pattern(words[0])
    language = check_language(words[1]).name
    kind = words[2]
    if kind not in _KINDS:
        raise KvgenError(f"unknown part {shown(kind)}{did_you_mean(kind, _KINDS)}", _USAGE)
    if len(words) != (4 if kind == "file" else 3):
        raise KvgenError(f"{shown(' '.join(words))} has too many words or too few", _USAGE)
    texts = _texts(pattern.name, language)
    path = words[3] if kind == "file" else pattern.handlers[language]
    if kind == "helpers":
        path = next(path for path in texts if _is_helper(path))
    if path not in texts:
        raise KvgenError(
            f"no file {shown(path)} in {pattern.name} {language}{did_you_mean(path, texts)}",
            f"the files are {', '.join(texts)}",
        )
    return Snippet(tuple(words), path, texts[path])


def own_files(pattern: str, language: str) -> list[Snippet]:
    """Return the code and the manifests that a pattern has for itself, its handler left out."""
    return _files(pattern, language, shared=False)


def shared_files(pattern: str, language: str) -> list[Snippet]:
    """Return the code and the manifests that a pattern shares with others, its helpers left out.

    The name of the function and of its binding are this pattern's.
    """
    return _files(pattern, language, shared=True)


def _files(pattern: str, language: str, *, shared: bool) -> list[Snippet]:
    declared = load_pattern(pattern)
    paths = [
        file.target
        for file in declared.files[language]
        if file.source.startswith(_SHARED) == shared and _is_deployed(file.target)
    ]
    rest = [p for p in paths if p != declared.handlers[language] and not _is_helper(p)]
    return [find_snippet((pattern, language, "file", path)) for path in sorted(rest)]


def _is_helper(path: str) -> bool:
    return PurePosixPath(path).stem == _HELPERS


def _is_deployed(path: str) -> bool:
    name = PurePosixPath(path).name
    return not (name.startswith((".", "README", "test_")) or "_test." in name or ".test." in name)


@cache
def _texts(pattern: str, language: str) -> dict[str, str]:
    declared = load_pattern(pattern)
    answers = check_answers(declared, language, f"{pattern}-{language}", {})
    return {file.path: file.text for file in render(declared, answers)}


def language_titles() -> dict[str, str]:
    """Return the languages by name, with what people call them."""
    return {language.name: language.title for language in LANGUAGES}
