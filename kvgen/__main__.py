"""Lets `python -m kvgen` do what `kvgen` does."""

from kvgen.cli import main

main(prog_name="kvgen")
