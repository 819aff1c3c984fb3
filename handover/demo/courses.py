"""When the demo's courses begin. The starting catalogue has no dates, since real ones are gone in a season."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

LONG = 60 * 7  # days from the first start on: past the demo's own months, into the next season

# Offer → the weekday it begins on (Monday is 0), and every how many weeks.
COURSES = {
    "sdb-genoptraening": (0, 2),
    "sdb-rygestop": (3, 4),
    "vsk-livskraft": (2, 6),
    "ltk-puls-styrke": (0, 4),
    "ask-frisklivssentral": (1, 3),
}


def with_starts(document: dict[str, Any], since: date) -> dict[str, Any]:
    """The catalogue with every start of the courses from `since` on."""
    offers = [
        {**offer, "starts": list(_starts(since, *COURSES[offer["id"]]))} if offer["id"] in COURSES else offer
        for offer in document["offers"]
    ]
    return {**document, "offers": offers}


def _starts(since: date, weekday: int, weeks: int) -> Iterator[str]:
    day = since + timedelta(days=(weekday - since.weekday()) % 7)
    while day < since + timedelta(days=LONG):
        yield day.isoformat()
        day += timedelta(weeks=weeks)
