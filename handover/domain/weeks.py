"""Working hours as people write them: `8.00–12.00, 12.30–15.30`, in minutes from local midnight."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

Period = tuple[int, int]

_PERIOD = re.compile(r"(\d{1,2})(?:[.:]?(\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[.:]?(\d{2}))?")


def read_periods(text: str) -> list[Period] | None:
    """The periods of one day, in order; None when they cannot be read, overlap, or end before they begin."""
    periods: list[Period] = []
    for part in re.split(r"[,;]", text):
        if not part.strip():
            continue
        found = _PERIOD.fullmatch(part.strip())
        if found is None:
            return None
        hours = [int(value or 0) for value in found.groups()]
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if hours[1] > 59 or hours[3] > 59 or not 0 <= start < end <= 24 * 60:
            return None
        periods.append((start, end))
    return None if overlapping(periods) else sorted(periods)


def overlapping(periods: Iterable[Period]) -> bool:
    """Whether two of them share a minute."""
    return any(first[1] > second[0] for first, second in pairwise(sorted(periods)))


def say_periods(periods: Iterable[Period]) -> str:
    """The same the other way round, so that what was saved can be changed."""
    return ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in periods)


def _clock(minute: int) -> str:
    return f"{minute // 60}.{minute % 60:02}"
