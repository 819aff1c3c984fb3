"""Months as figures are counted by them."""

from __future__ import annotations

import pytest

from handover.domain.months import Period, months_before, next_month
from tests.bookings import at


def test_a_period_ends_where_the_month_after_begins_on_the_local_clock() -> None:
    period = Period("2026-10", "2026-12")
    assert period.instants("Europe/Copenhagen") == (at("2026-10-01 00:00"), at("2027-01-01 00:00"))


@pytest.mark.parametrize(("month", "after"), [("2026-11", "2026-12"), ("2026-12", "2027-01")])
def test_the_month_after_december_is_in_the_next_year(month: str, after: str) -> None:
    assert (next_month(month), months_before(after, 1)) == (after, month)
