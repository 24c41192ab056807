"""Whose change counts where the user and kvgen changed the same thing."""

from enum import StrEnum


class Side(StrEnum):
    """A side of a conflict, or both with marks around them; everything else is merged."""

    MINE = "mine"
    THEIRS = "theirs"
    MARKS = "marks"
