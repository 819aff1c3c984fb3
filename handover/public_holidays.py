"""Public holidays of Denmark and Norway, by the `holidays` library. Store bededag is one until 2023."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from holidays import country_holidays


def between(country: str, first: date, last: date) -> frozenset[date]:
    """The days between two dates on which no team works, whatever its week says."""
    return _of_years(country, range(first.year, last.year + 1))


@lru_cache(64)
def _of_years(country: str, years: Iterable[int]) -> frozenset[date]:
    return frozenset().union(*(_of_year(country, year) for year in years))


@lru_cache(256)
def _of_year(country: str, year: int) -> frozenset[date]:
    return frozenset(country_holidays(country, years=year))
