"""Durations as people write them, ``24h`` or ``86400``, in whole seconds."""

import re

LONGEST = 315_360_000  # 10 years of 365 days

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd]?)")


def parse_duration(text: str, *, minimum: int = 1) -> int:
    """Return the seconds; raises ValueError with the rule, outside ``minimum`` to 10 years."""
    match = _DURATION.fullmatch(text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else -1
    if not minimum <= seconds <= LONGEST:
        least = f"{minimum} s" if minimum else "0"
        raise ValueError(
            f"a duration is written like 24h, 5m, 90s, 7d or 86400, from {least} to 10 years"
        )
    return seconds
