"""Folders as `kvgen new` writes them: every pattern and language, at the ends of what is legal."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kvgen.scaffold.common import COMMON_OPTIONS
from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.function import new_function
from kvgen.languages.describe import LANGUAGES

#: For each kind of option, answers that make lines shortest, longest, or full of quotes.
_EXTREMES: Mapping[str, tuple[str, ...]] = {
    "duration": ("1", "315360000", "3601s"),
    "duration-or-zero": ("0", "315360000", "1s"),
    "cookie": ("", "W" * 40, "__Host-`'!#$%&*+.^_|~"),
    "header": ("x", "X-" + "W" * 38, "`'!#$%&*+.^_|~"),
    "origin": ("http://a", "https://a.example/" + "w" * 900, "https://a/$&()*+,;=:@!~%27"),
    "prefix": ("a", "w" * 32, "-"),
    "flag": ("a", "W" * 40, "._-"),
    "namespace-id": ("", "ffffffff-ffff-ffff-ffff-ffffffffffff", ""),
}
_NAMES = ("a", "W" * 64, "a-1")


def extremes(pattern_name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield names with answers: the defaults, then the ends of each rule, in each choice."""
    pattern = load_pattern(pattern_name)
    yield f"{pattern_name}-default", {}
    for number, name in enumerate(_NAMES):
        given = {
            option.name: (
                option.choices[number % len(option.choices)]
                if option.kind == "choice"
                else _EXTREMES[option.kind][number]
            )
            for option in (*pattern.options, *COMMON_OPTIONS)
        }
        replaced = [option.instead_of for option in pattern.options if given[option.name]]
        yield name, {option: text for option, text in given.items() if option not in replaced}
    for option in pattern.options:
        if option.instead_of:  # with default answers otherwise
            yield f"{pattern_name}-{option.name}", {option.name: "sid"}


@pytest.fixture(scope="session")
def extreme_folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Path]]:
    """All folders of all patterns, by language; with the KV's binding those of "bound"."""
    root = tmp_path_factory.mktemp("extremes")
    folders: dict[str, list[Path]] = {language.name: [] for language in LANGUAGES}
    folders["bound"] = []
    for pattern_name in pattern_names():
        pattern = load_pattern(pattern_name)
        for number, (name, given) in enumerate(extremes(pattern_name)):
            for language in folders:
                folder = root / f"{pattern_name}-{language}-{number}"
                is_bound = language == "bound"
                chosen, kv = ("typescript", {"kv": "binding"}) if is_bound else (language, {})
                answers = new_function(pattern, chosen, name, given | kv)
                apply_plan(folder, plan_new(folder, answers))
                folders[language].append(folder)
    return folders
