"""Measures kvgen and what it generates: `make bench` runs it all and writes RESULTS.md."""
