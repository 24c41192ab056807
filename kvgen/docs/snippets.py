"""The code that a page can show: a rendered file of a pattern, or a part of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from kvgen.docs.parts import find_part
from kvgen.errors import KvgenError
from kvgen.languages.describe import BY_NAME, ON_PAGES
from kvgen.scaffold.answers import check_language
from kvgen.scaffold.catalog import load_pattern, shared_files
from kvgen.scaffold.function import new_function
from kvgen.scaffold.render import render
from kvgen.scaffold.roots import OWN, OWN_ROOT, Templates
from kvgen.scaffold.settings import check_changes
from kvgen.scaffold.words import did_you_mean, shown

_HELPERS = "kv"  # the stem of the file that every pattern has, in every language
#: A handler that uses several patterns; it belongs to no single pattern and has no other files.
_TOGETHER = "together"
_KINDS = ("handler", "helpers", "file")
_FENCES = {
    ".go": "go",
    ".js": "javascript",
    ".json": "json",
    ".md": "markdown",
    ".py": "python",
    ".toml": "toml",
    ".ts": "typescript",
}
_USAGE = "a region says PATTERN LANGUAGE and handler, helpers or file PATH, then OPTION=VALUE"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A file or a part of it; ``words`` are what a marker says to have it."""

    words: tuple[str, ...]
    path: str
    text: str

    @property
    def info(self) -> str:
        """Return what follows the fence: the language, then the file's name as a title."""
        return f"{_FENCES.get(PurePosixPath(self.path).suffix, 'text')} {self.path}"


def find_snippet(words: Sequence[str], templates: Templates = OWN) -> Snippet:
    """Return what a marker's words ask for.

    ``ttl=1h`` among them is an answer to an option, and a name behind the last of the others,
    ``handler:json``, a part of the file. Raises KvgenError for words that are none, or name what
    there is not.
    """
    options = check_changes(word for word in words if "=" in word)
    said = [word for word in words if "=" not in word]
    if len(said) < 3:
        raise KvgenError(f"{shown(' '.join(words))} names nothing", _USAGE)
    language = check_language(said[1]).name
    said[-1], _, part = said[-1].partition(":")
    if (said[0], *said[2:]) == (_TOGETHER, "handler"):
        path, text = BY_NAME[language].handler, _together(language)
    else:
        pattern = load_pattern(said[0], templates)
        texts = _texts(pattern.name, language, tuple(sorted(options.items())), templates)
        path = _path_of(said, pattern.name, language, texts)
        text = texts[path]
    return Snippet(tuple(words), path, find_part(text, part, path) if part else text)


def _path_of(said: Sequence[str], pattern: str, language: str, texts: Mapping[str, str]) -> str:
    kind = said[2]
    if kind not in _KINDS:
        raise KvgenError(f"unknown part {shown(kind)}{did_you_mean(kind, _KINDS)}", _USAGE)
    if len(said) != (4 if kind == "file" else 3):
        raise KvgenError(f"{shown(' '.join(said))} has too many words or too few", _USAGE)
    path = said[3] if kind == "file" else BY_NAME[language].handler
    if kind == "helpers":
        path = next(path for path in texts if _is_helper(path))
    if path not in texts:
        raise KvgenError(
            f"no file {shown(path)} in {pattern} {language}{did_you_mean(path, texts)}",
            f"the files are {', '.join(texts)}",
        )
    return path


def _together(language: str) -> str:
    path = BY_NAME[language].handler
    place = OWN_ROOT / "_docs" / _TOGETHER / language / f"{path}.txt"
    return place.read_text(encoding="utf-8")


def helpers(pattern: str, language: str) -> Snippet:
    """Return the client of the key-value store."""
    path = find_snippet((pattern, language, "helpers")).path
    return find_snippet((pattern, language, "file", path))


def own_files(pattern: str, language: str) -> list[Snippet]:
    """Return the code that a pattern has for itself, its handler left out."""
    written = load_pattern(pattern).languages[language]
    return _snippets(pattern, language, [f.target for f in written.parts + written.function])


def common_files(pattern: str, language: str) -> list[Snippet]:
    """Return the code and the manifests that every function has, its helpers left out.

    The name of the function is this pattern's.
    """
    return _snippets(pattern, language, [file.target for file in shared_files(language)])


def _snippets(pattern: str, language: str, paths: Iterable[str]) -> list[Snippet]:
    texts = _texts(pattern, language)
    left_out = {BY_NAME[language].handler, *(path for path in texts if _is_helper(path))}
    support = set(BY_NAME[language].kv)  # the other files are for the tests
    deployed = {path for path in paths if path in texts and _is_deployed(path)} - support
    wanted = sorted(deployed - left_out)
    return [find_snippet((pattern, language, "file", path)) for path in wanted]


def _is_helper(path: str) -> bool:
    return PurePosixPath(path).stem == _HELPERS


def _is_deployed(path: str) -> bool:
    name = PurePosixPath(path).name
    return not (name.startswith((".", "README", "test_")) or "_test." in name or ".test." in name)


@cache
def _texts(
    pattern: str,
    language: str,
    options: tuple[tuple[str, str], ...] = (),
    templates: Templates = OWN,
) -> dict[str, str]:
    name = f"{pattern}-{language}"
    loaded = load_pattern(pattern, templates)
    answers = new_function(loaded, language, name, dict(options), templates)
    return {file.path: file.text for file in render(answers)}


def language_titles() -> dict[str, str]:
    """Return the languages by name, with what people call them."""
    return {language.name: language.title for language in ON_PAGES}
