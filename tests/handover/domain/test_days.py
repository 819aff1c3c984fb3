"""Days of the calendar, where somebody is."""

from __future__ import annotations

from datetime import date

import pytest

from handover.domain.days import is_date, local_date, midnight
from tests.bookings import at


def test_day_begins_an_hour_earlier_in_finland_than_in_denmark() -> None:
    late = at("2026-12-01 23:30")
    assert local_date(late, "Europe/Copenhagen") == date(2026, 12, 1)
    assert local_date(late, "Europe/Helsinki") == date(2026, 12, 2)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-12-01", 24)])
def test_days_on_which_clocks_move_are_shorter_or_longer(day: str, hours: int) -> None:
    this = date.fromisoformat(day)
    following = date.fromordinal(this.toordinal() + 1)
    assert midnight(following, "Europe/Oslo") - midnight(this, "Europe/Oslo") == hours * 3600


@pytest.mark.parametrize("text", ["2026-02-30", "20261201", "2026-12-1", "1 December", ""])
def test_only_a_day_of_the_calendar_is_a_date(text: str) -> None:
    assert is_date("2026-12-01")
    assert not is_date(text)
