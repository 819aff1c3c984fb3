"""Working hours as people write them."""

from __future__ import annotations

import pytest

from handover.domain.weeks import read_periods, say_periods


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("", []),
        ("8-16", [(480, 960)]),
        ("8.00–12.00, 12.30–15.30", [(480, 720), (750, 930)]),
        ("12:30 - 15:30; 08:00-12:00", [(480, 720), (750, 930)]),
        ("0800-2400", [(480, 1440)]),
        ("8–12, 12–15", [(480, 720), (720, 900)]),
    ],
)
def test_written_hours_are_read(text: str, periods: list[tuple[int, int]]) -> None:
    assert read_periods(text) == periods
    assert read_periods(say_periods(periods)) == periods


@pytest.mark.parametrize(
    "text",
    ["8", "16-8", "8-8", "8.60-9", "25-26", "8-12, 11-13", "8-24.30", "from 8 to 16", "-8-16", "8-16-20"],
)
def test_hours_that_cannot_be_meant_are_refused(text: str) -> None:
    assert read_periods(text) is None
