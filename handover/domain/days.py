"""Days of the calendar: which one it is where somebody is, and whether a text names one."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(4096)
def local_date(instant: int, zone: str) -> date:
    """The calendar day at an instant (epoch seconds), where the zone is."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> int:
    """When the day begins; neither country has ever moved its clocks at midnight."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp())


def is_date(text: str) -> bool:
    """Whether it is a day of the calendar, written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
