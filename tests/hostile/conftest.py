"""The readers, for every test of this room."""

from tests.hostile.readers import golang, javascript

__all__ = ["golang", "javascript"]
