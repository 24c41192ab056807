"""Runs a function on this machine: toolchains, one runner a language, the supervisor."""
