"""Looks for credentials in what is committed or shipped; patterns with a high signal only."""

import re
from collections.abc import Iterator
from pathlib import Path

from kvgen.check.finding import Finding
from kvgen.check.manifest import MANIFEST
from kvgen.check.rules import broken
from kvgen.check.sources import LONGEST_SOURCE, Sources
from kvgen.files.repository import Repository
from kvgen.scaffold.targets import is_dotenv

DOTENV = ".env"

_PATTERNS = (
    ("a private key", re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----")),
    # An API key has 58 characters, as scanners of secrets know it: KEY, an id, _, a secret.
    ("a Telnyx API key", re.compile(rb"(?<![\w-])KEY[0-9A-Za-z_-]{55}(?![\w-])")),
    # At the beginning of a line, as in .env files and in shells: code that sets it for a test
    # says more before it. Words that stand for a value are shorter, or have no digit.
    (
        "a value of TELNYX_API_KEY",
        re.compile(
            rb"""^[ \t]*(?:export[ \t]+)?TELNYX_API_KEY[ \t]*[=:][ \t]*["']?"""
            rb"(?=[A-Za-z_-]*[0-9])[0-9A-Za-z_-]{20}",
            re.M,
        ),
    ),
)
_FIX = "remove it, and revoke the key if the file was ever shared"


def check_exposure(sources: Sources) -> Iterator[Finding]:
    """Yield the credentials in the folder; a value is never part of a finding."""
    repository = Repository(sources.root)
    for path in sources.paths:
        if is_dotenv(Path(path).name) and not repository.ignores(path):
            fix = f"add {Path(path).name} to .gitignore"
            yield broken("dotenv-tracked", path, None, "is not ignored", fix)
        found = _credential(path, sources.content(path, LONGEST_SOURCE) or b"")
        if found:
            what, line = found
            is_ignored = repository.ignores(path)
            rule = "secret-ignored" if is_ignored else "secret"
            fix = "move the file out of the folder before you ship" if is_ignored else _FIX
            yield broken(rule, path, line, f"holds {what}", fix)


def _credential(path: str, content: bytes) -> tuple[str, int] | None:
    """Return what the first credential of a file is, and its line."""
    for what, pattern in _PATTERNS:
        match = pattern.search(content)
        # func.toml is parsed, where it says TELNYX_API_KEY.
        if match and not (path == MANIFEST and b"TELNYX_API_KEY" in match[0]):
            return what, content.count(b"\n", 0, match.start()) + 1
    return None
