"""The forms about somebody that they and their administrator share: particulars, photo, absence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from handover.domain.days import local_date
from handover.domain.pictures import NotAPicture, Picture, read_picture
from handover.domain.weeks import read_periods, say_periods
from handover.errors import N_, FieldError, look_again
from handover.staffing import LANGUAGES, Particulars, Week
from handover.store.engine import Row
from handover.web.forms import Reader
from handover.web.keys import CLOCK, scope_of

WEEKDAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip


def read_particulars(fields: Mapping[str, Any], *, email: bool, units: tuple[str, ...] | None) -> Particulars:
    """Name, title, phone, hours and language, and what an administrator may change besides."""
    reader = Reader(fields)
    wanted = Particulars(
        name=reader.line("name", required=True),
        title=reader.line("title"),
        phone=reader.phone("phone"),
        hours=reader.line("hours"),
        language=reader.choice("language", LANGUAGES, required=True),
        email=reader.email("email", required=True) if email else None,
        units=units,
    )
    reader.done()
    return wanted


def read_week(fields: Mapping[str, Any]) -> Week:
    """The working hours of a week, a field a day."""
    reader = Reader(fields)
    week: Week = {}
    for day in range(7):
        periods = read_periods(reader.line(f"day-{day}"))
        if periods is None:
            reader.wrong(f"day-{day}", "unreadable", N_("Write it like 8.00–12.00, 12.30–15.30."))
        elif periods:
            week[day] = periods
    reader.done()
    return week


def week_as_typed(rows: list[Row]) -> list[str]:
    """Monday to Sunday, as `read_week` reads it."""
    return [
        say_periods((row["from_minute"], row["to_minute"]) for row in rows if row["weekday"] == day)
        for day in range(7)
    ]


def read_absence(fields: Mapping[str, Any], zone: str) -> tuple[int, int]:
    """From and until, as instants: whole days, or to the minute where a time is given."""
    reader = Reader(fields)
    first, last = _day(reader, "from"), _day(reader, "until")
    starts, ends = _time(reader, "from_time"), _time(reader, "until_time")
    reader.done()
    assert first is not None and last is not None
    if ends is None:
        last, ends = last + timedelta(days=1), time()
    local = ZoneInfo(zone)
    return (
        int(datetime.combine(first, starts or time(), local).timestamp()),
        int(datetime.combine(last, ends, local).timestamp()),
    )


def _day(reader: Reader, field: str) -> date | None:
    text = reader.line(field, required=True)
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        found = None
    if text and (found is None or not 2000 <= found.year <= 2200):
        reader.wrong(field, "not-a-date", N_("Choose a date."))
    return found


def _time(reader: Reader, field: str) -> time | None:
    text = reader.line(field)
    try:
        return time.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        reader.wrong(field, "not-a-time", N_("Write a time like 13:30."))
        return None


async def read_photo(request: web.Request) -> Picture:
    """The picture in the form's field `photo`."""
    field = (await request.post()).get("photo")
    content = field.file.read() if isinstance(field, web.FileField) else b""
    try:
        return read_picture(content)
    except NotAPicture as error:
        wrong = FieldError(
            "photo",
            "not-a-picture",
            N_("Choose a photo (JPEG, PNG or WebP) of at most 2 MB, 40 to 6000 pixels wide."),
        )
        raise look_again(wrong) from error


def today_of(request: web.Request) -> str:
    """The date it is for who asks, YYYY-MM-DD."""
    return local_date(request.app[CLOCK](), scope_of(request).zone).isoformat()
