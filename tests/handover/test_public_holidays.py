"""Public holidays as the pilot countries keep them."""

from datetime import date

from handover.public_holidays import between


def test_store_bededag_is_a_working_day_since_2024() -> None:
    assert date(2023, 5, 5) in between("DK", date(2023, 5, 1), date(2023, 5, 31))
    assert date(2024, 4, 26) not in between("DK", date(2024, 4, 1), date(2024, 4, 30))


def test_the_countries_differ_and_years_are_joined() -> None:
    over_new_year = between("NO", date(2026, 12, 1), date(2027, 5, 31))
    assert {date(2026, 12, 25), date(2027, 1, 1), date(2027, 5, 17)} <= over_new_year
    assert date(2026, 5, 1) in between("NO", date(2026, 5, 1), date(2026, 5, 2))
    assert date(2026, 5, 1) not in between("DK", date(2026, 5, 1), date(2026, 5, 2))
