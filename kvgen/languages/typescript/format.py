"""How TypeScript code is held to its format: by Prettier, as JavaScript's is."""

from kvgen.languages.javascript.format import misformatted

__all__ = ["misformatted"]
