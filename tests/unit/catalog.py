"""A small catalog for tests, so that they do not depend on kvgen's templates."""

from collections.abc import Sequence
from pathlib import Path

from kvgen.languages.describe import LANGUAGES
from kvgen.languages.language import Language
from kvgen.scaffold.roots import Templates

README = """\
# {{ name | code }}

{{ title }} {{ namespace_id | code }}

{% for section in sections %}
{{ section }}
{% endfor %}
What kvgen wrote here is yours.
"""
_MANIFESTS = {
    "count": """\
title = "Counting"
summary = "Counts."
kv_calls = "1"
needs = "nothing"
first_requests = [{ text = "ask", unless = "cookie" }, { text = "look", when = "cookie" }]

[options.ttl]
kind = "duration"
default = "24h"
help = "How long."

[options.header]
kind = "header"
default = "X-Count"
help = "Which header."

[options.cookie]
kind = "cookie"
default = ""
instead_of = "header"
help = "Which cookie instead."
""",
    "mark": """\
title = "Marking"
summary = "Marks."
kv_calls = "1"
needs = "nothing"

[options.ttl]
kind = "duration"
default = "5m"
help = "How long."
""",
    "note": """\
title = "Noting"
summary = "Notes."
kv_calls = "2"
needs = "an address"

[options.place]
kind = "origin"
default = "https://note.example.com"
help = "Where."

[env.NOTE_URL]
option = "place"
stand_in = "origin"

[dependencies]
python = ["notes>=1"]
""",
}
_LANGUAGE = """
[languages.{name}]
parts = ["{part}.j2"]
function = ["{handler}.j2", "{own_test}"]
section = "section.md.j2"
use = ["use.txt.j2"]
foreign_use = ["use.foreign.txt"]
"""
_PROGRAM = {
    "count": "{{ ttl | seconds }}\n{{ (cookie or header) | code }}\n{{ expiry | code }}\n",
    "mark": "{{ ttl | seconds }}\n{{ expiry | code }}\n",
    "note": "{{ place | code }}\n{{ expiry | code }}\n",
}


def write_catalog(root: Path, languages: Sequence[Language] = LANGUAGES) -> Path:
    """Write the patterns count, mark and note in some languages; returns the root."""
    shared = {"README.md.j2": README, "func.toml.j2": _FUNC, ".env.example.j2": _DOTENV}
    for path, text in shared.items():
        _write(root / "_shared/any" / path, text)
    for language in languages:
        entry = next(path for path in language.entries if path != language.handler)
        _write(root / "_shared" / language.name / entry, f"{language.name}\n")
        _write(root / "_shared" / language.name / f"{language.kv[0]}.j2", "{{ expiry | code }}\n")
    _write(root / "_shared/python/pyproject.toml.j2", _PYPROJECT)
    for name in _MANIFESTS:
        _write_pattern(root, name, languages)
    return root


def only(root: Path) -> Templates:
    """Return where to look for the patterns of one root, and for no others."""
    return Templates(None, "", (root,))


def part_of(pattern: str, language: Language) -> str:
    """Return the path of the one part of a pattern."""
    handler = Path(language.handler)
    return str(handler.with_name(f"{pattern}{handler.suffix}"))


def _write_pattern(root: Path, name: str, languages: Sequence[Language]) -> None:
    manifest = _MANIFESTS[name]
    for language in languages:
        part, own_test = part_of(name, language), "handler_check.txt"
        manifest += _LANGUAGE.format(
            name=language.name, part=part, handler=language.handler, own_test=own_test
        )
        place = root / name / language.name
        _write(place / f"{part}.j2", f"part of {name}\n{_PROGRAM[name]}")
        _write(place / f"{language.handler}.j2", f"handler of {name}\n{_PROGRAM[name]}")
        _write(place / own_test, "tests of the handler\n")
        _write(place / "section.md.j2", f"## {name}\n\nAs of {{{{ expiry | code }}}}.\n")
        _write(place / "use.txt.j2", f"use {name}\n")
        _write(place / "use.foreign.txt", f"use {name} elsewhere\n")
    _write(root / name / "pattern.toml", manifest)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


_FUNC = """\
[edge_compute]
func_name = {{ name | toml }}

[env_vars]
KV_NAMESPACE_ID = {{ namespace_id | toml }}{{ variables | toml_lines }}

[telnyx]
binding = "TELNYX"
"""
_DOTENV = "KV_NAMESPACE_ID={{ namespace_id | dotenv }}{{ variables | dotenv_lines }}\nEND=\n"
_PYPROJECT = """\
[project]
name = "function"
dependencies = {{ dependencies | toml_list }}
"""
