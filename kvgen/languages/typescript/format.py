"""Checks the formatting of TypeScript code with Prettier, like JavaScript's."""

from kvgen.languages.javascript.format import misformatted

__all__ = ["misformatted"]
