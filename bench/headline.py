"""What the README quotes, kept between marks of it: the languages compared."""

import re
from pathlib import Path

from bench.markdown import table
from kvgen.cli.compare import comparison, origin
from kvgen.scaffold.catalog import load_pattern

_REGION = re.compile("(?<=<!-- compared -->\n\n).*?(?=\n\n<!-- end -->)", re.DOTALL)


def refresh(readme: Path) -> None:
    """Write the table into a README; raises ValueError where it has no place for it."""
    header, *rows = comparison(load_pattern("session"))
    text = f"{table(header, rows)}\n\n{origin()}"
    page, count = _REGION.subn(lambda _: text, readme.read_text())
    if count != 1:
        raise ValueError(f"{readme.name} has {count} places for what was compared, not one")
    readme.write_text(page)
