"""The page on patterns of one's own: its tutorial is typed, its tables are the code's."""

import re
import subprocess
import sys
from pathlib import Path

from kvgen.languages.describe import LANGUAGES
from kvgen.scaffold import keys
from kvgen.scaffold.filters import FILTERS
from kvgen.scaffold.kinds import KINDS
from kvgen.template.reference import page_text

_PAGE = Path(__file__).parents[2] / "generated" / "patterns.md"
_BLOCK = re.compile(r"^```(console|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_tutorial_is_what_happens(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    typed = []
    for kind, text in _BLOCK.findall(page_text()):
        if kind == "diff":
            subprocess.run(["git", "apply"], input=text, text=True, cwd=tmp_path, check=True)
            continue
        line, _, output = text.partition("\n")
        command = [sys.executable, "-m", *line.removeprefix("$ ").split()]
        done = subprocess.run(
            command, cwd=tmp_path, stdout=-1, stderr=subprocess.STDOUT, text=True, check=False
        )
        assert done.stdout == output, line
        typed.append(line.split()[2])
    assert typed == ["template", "new", "template", "template", "regenerate"]
    assert '"X-Currency": "USD"' in (tmp_path / "shop" / "handler.js").read_text()


def test_committed_page_is_up_to_date(kvgen):
    assert kvgen("template", "reference").stdout == page_text() == _PAGE.read_text()


def test_reference_has_all_that_a_manifest_can_say():
    tables = (keys.PATTERN, keys.OPTION, keys.VARIABLE, keys.LANGUAGE, keys.FILE, keys.REQUEST)
    filters = set(FILTERS).union(*(language.filters for language in LANGUAGES))
    said = set(re.findall(r"^\| `(.+?)` \| [\w`]", page_text(), re.MULTILINE))
    assert said >= {*KINDS, *(key for table in tables for key in table)}
    # The others are for the templates of whole functions.
    assert filters - said == {"toml_lines", "dotenv_lines", "toml_list"}
