"""One package a language: all that depends on the language and is not a template."""
