"""Words that readers stumbled over, and that must not come back."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_STUMBLES = re.compile(
    r"\b(all the same|be had|belongs into|counts as none|falls due|for all that|goes? by it"
    r"|had enough|in silence|is no UUID|is none that|is to be seen|leans? on|lest|mend(s|ed)?"
    r"|of old|says not|stands? for no|that are no|what of its|with its like|worth nothing)\b",
    re.IGNORECASE,
)
_PLACES = ("*.md", "kvgen/**/*.py", "templates/**/*", "bench/*.md")
_FILES = sorted({p for place in _PLACES for p in _ROOT.glob(place) if p.is_file()})


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(_ROOT)))
def test_text_has_none_of_the_words_that_readers_stumbled_over(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    assert [match[0] for match in _STUMBLES.finditer(text)] == []
