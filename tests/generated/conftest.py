"""Folders as `kvgen new` writes them: every pattern and language, at the ends of what is legal."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kvgen.scaffold.apply import apply_plan
from kvgen.scaffold.catalog import load_pattern, pattern_names
from kvgen.scaffold.create import plan_new
from kvgen.scaffold.function import new_function
from kvgen.languages.describe import LANGUAGES
from kvgen.template.extremes import extremes


@pytest.fixture(scope="session")
def extreme_folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Path]]:
    """All folders of all patterns, by language; with the KV's binding those of "bound"."""
    root = tmp_path_factory.mktemp("extremes")
    folders: dict[str, list[Path]] = {language.name: [] for language in LANGUAGES}
    folders["bound"] = []
    for pattern_name in pattern_names():
        pattern = load_pattern(pattern_name)
        for number, (name, given) in enumerate(extremes(pattern)):
            for language in (*pattern.languages, "bound"):
                folder = root / f"{pattern_name}-{language}-{number}"
                is_bound = language == "bound"
                chosen, kv = ("typescript", {"kv": "binding"}) if is_bound else (language, {})
                answers = new_function(pattern, chosen, name, given | kv)
                apply_plan(folder, plan_new(folder, answers))
                folders[language].append(folder)
    return folders
