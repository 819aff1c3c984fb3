"""Months, written YYYY-MM: what figures are counted by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handover.domain.days import midnight


@dataclass(frozen=True)
class Period:
    """Whole months, `first` to `last` (YYYY-MM, both included), where the organisation is."""

    first: str
    last: str

    def instants(self, zone: str) -> tuple[int, int]:
        """From the first second of the first month to the first of the month after the last, epoch seconds."""
        return _month_start(self.first, zone), _month_start(next_month(self.last), zone)


def next_month(month: str) -> str:
    """The month after YYYY-MM."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year:04d}-{number + 1:02d}"


def months_before(month: str, back: int) -> str:
    """The month `back` months before YYYY-MM."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 - back, 12)
    return f"{year:04d}-{number + 1:02d}"


def month_of(instant: int, zone: str) -> str:
    """The calendar month (YYYY-MM) an instant falls in there."""
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%Y-%m")


def _month_start(month: str, zone: str) -> int:
    return midnight(date(int(month[:4]), int(month[5:]), 1), zone)
