"""A part of a source file by its name: a function, a class or a constant at the top level. Pure."""

import re

from kvgen.errors import KvgenError
from kvgen.scaffold.words import did_you_mean, shown

# Sources as their formatters leave them: what belongs to a definition is indented below its first
# line, or closes it, or stands right above it.
_NAME = r"[A-Za-z_$][\w$]*"
_DEFINITION = re.compile(
    r"(?:export |default |async )*"
    r"(?:function\*?|class|interface|type|enum|const|let|var|def|func(?: \([^)]*\))?) "
    rf"(?P<name>{_NAME})|(?P<constant>{_NAME})(?: =|: )"
)
_INSIDE = re.compile(r"[ \t)\]}]|$")
_ABOVE = re.compile(r"//|/\*| \*|#|@")


def find_part(text: str, name: str, path: str) -> str:
    """Return the lines of a definition, with the comment above it.

    Raises KvgenError if the file, which ``path`` names in the message, has none of that name.
    """
    lines = text.splitlines(keepends=True)
    starts: dict[str, int] = {}
    for number, line in enumerate(lines):
        if match := _DEFINITION.match(line):
            starts.setdefault(match["name"] or match["constant"], number)
    if name not in starts:
        raise KvgenError(
            f"no {shown(name)} in {path}{did_you_mean(name, starts)}",
            f"there are {', '.join(starts)}" if starts else "name the whole file",
        )
    first, last = starts[name], starts[name] + 1
    while first > 0 and _ABOVE.match(lines[first - 1]):
        first -= 1
    while last < len(lines) and _INSIDE.match(lines[last]):
        last += 1
    return "".join(lines[first:last]).rstrip("\n") + "\n"
