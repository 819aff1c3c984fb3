"""Dates, times and lengths as forms have them: chosen from the free ones, or typed by hand."""

from __future__ import annotations

import re
from datetime import date

from handover.domain.timetable import instants
from handover.errors import LOOK_AGAIN, N_, FieldError, Invalid
from handover.web.forms import Reader

MINUTES = ("30", "45", "60", "90")
YEARS = range(2000, 2101)
LET_THROUGH = ("too-soon", "too-far", "out-of-hours")  # a time on purpose needs no more than a reason
WHY_MISSING = FieldError("override", "missing", N_("Write why the time is booked all the same."))
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def day_of(reader: Reader, field: str) -> str | None:
    """A date as browsers send it, or None."""
    value = reader.line(field)
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        reader.wrong(field, "not-a-date", N_("Write the date as year-month-day."))
        return None
    return day.isoformat()


def start_of(reader: Reader, zone: str) -> int:
    """The time that was typed by hand, else the chosen slot, as an instant."""
    by_hand = instant_from(reader, zone)
    if by_hand is not None:
        return by_hand
    chosen = reader.line("start")
    if chosen.isascii() and chosen.isdigit() and len(chosen) <= 11:
        return int(chosen)
    if not any(error.field in ("date", "time") for error in reader.errors):
        reader.wrong("start", "missing", N_("Choose one of the free times."))
    return 0


def minutes_of(reader: Reader) -> int | None:
    """How long, or None when that was left to the story."""
    value = reader.choice("minutes", MINUTES)
    return int(value) if value else None


def instant_from(reader: Reader, zone: str) -> int | None:
    """A date and a time of day typed by hand, or None when neither was."""
    typed_day, typed_time = reader.line("date"), reader.line("time")
    if not typed_day and not typed_time:
        return None
    day = day_of(reader, "date")
    if day is None:
        if not typed_day:
            reader.wrong("date", "missing", N_("Choose the day as well."))
        return None
    clock = _TIME.fullmatch(typed_time)
    if clock is None:
        reader.wrong("time", "not-a-time", N_("Write the time like 10:30."))
        return None
    found = instants(date.fromisoformat(day), int(clock[1]) * 60 + int(clock[2]), zone)
    if not found:
        reader.wrong("time", "skipped", N_("The clocks skip this hour on that night. Choose another time."))
        return None
    if len(found) > 1:
        reader.wrong(
            "time", "twice", N_("The clocks show this hour twice on that night. Choose another time.")
        )
        return None
    return found[0]


def at_its_field(error: Invalid, *, by_hand: bool, why: str) -> Invalid:
    """The same, but a fault of a time that was typed by hand stands where it was typed; where a reason (`why`) would
    have let it through, that is said where the reason belongs."""
    fields = [
        FieldError("time", one.code, one.message, one.values) if by_hand and one.field == "start" else one
        for one in error.fields
    ]
    if by_hand and not why.strip() and any(one.code in LET_THROUGH for one in error.fields):
        fields.append(WHY_MISSING)
    return Invalid(error.code, error.message or LOOK_AGAIN, fields, **error.values)
