"""The package that the platform imports."""

from function.func import new

__all__ = ["new"]
