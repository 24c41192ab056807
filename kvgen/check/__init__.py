"""Checks whether a folder would deploy; reads and parses it, and runs none of its code."""
