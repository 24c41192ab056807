"""Words that readers stumbled over, and that must not come back."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_STUMBLES = re.compile(
    r"\b(belongs into|falls due|for all that|is no UUID|lest|mend(s|ed)?|of old)\b",
    re.IGNORECASE,
)
_PLACES = ("*.md", "kvgen/**/*.py", "templates/**/*", "bench/*.md")
_FILES = sorted({p for place in _PLACES for p in _ROOT.glob(place) if p.is_file()})


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(_ROOT)))
def test_text_has_none_of_the_words_that_readers_stumbled_over(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    assert [match[0] for match in _STUMBLES.finditer(text)] == []
