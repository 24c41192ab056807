"""Answers in, files out: everything that turns a pattern into a folder."""
