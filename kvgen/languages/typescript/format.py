"""Formats TypeScript with Prettier, like JavaScript."""

from kvgen.languages.javascript.format import COMMAND, reformat

__all__ = ["COMMAND", "reformat"]
