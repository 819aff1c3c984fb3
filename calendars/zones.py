"""Time zones: wall time to instant and back, and VTIMEZONE components that every known client reads alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from calendars.errors import AmbiguousTime, CalendarError, NoSuchTime, UnknownZone

# Both follow the European rule since 1996 and have no other since; tests compare with the tz database.
_EUROPEAN_RULE = ("Europe/Copenhagen", "Europe/Oslo")

_WINTER, _SUMMER = timedelta(hours=1), timedelta(hours=2)


@cache
def zone_info(zone: str) -> ZoneInfo:
    """The tz database's zone of that name, or UnknownZone."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(zone) from None


def local(instant: datetime, zone: str) -> datetime:
    """What the clock on the wall shows at that instant."""
    return instant.astimezone(zone_info(zone))


def instant_of(wall: datetime, zone: str, *, fold: int | None = None) -> datetime:
    """The UTC instant of a wall-clock time.

    Raises NoSuchTime when the clocks skip it, and AmbiguousTime when it comes twice and `fold`
    (0 first, 1 second) does not say which is meant.
    """
    if wall.tzinfo is not None:
        raise CalendarError("not-a-wall-time", "A wall-clock time carries no time zone of its own.")
    tz = zone_info(zone)
    first, second = (wall.replace(tzinfo=tz, fold=pass_).astimezone(UTC) for pass_ in (0, 1))
    if first.astimezone(tz).replace(tzinfo=None) != wall:
        raise NoSuchTime(wall, zone)
    if first != second and fold is None:
        raise AmbiguousTime(wall, zone, first, second)
    return second if fold else first


def is_ambiguous(instant: datetime, zone: str) -> bool:
    """Whether the wall time of that instant comes twice, so that a TZID cannot tell which is meant."""
    wall = local(instant, zone)
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


@cache
def vtimezone(zone: str) -> bytes:
    """The zone's VTIMEZONE, serialised: one STANDARD, one DAYLIGHT, a yearly RRULE each.

    Written out here because icalendar's generated one lists RDATEs, two STANDARD parts and a DTSTART in the
    wrong offset, which Outlook and ical.js read an hour off all summer.
    """
    if zone not in _EUROPEAN_RULE:
        raise UnknownZone(zone)
    daylight, standard = TimezoneDaylight(), TimezoneStandard()
    for part, name, begins, month, before, after in (
        (daylight, "CEST", datetime(1970, 3, 29, 2), 3, _WINTER, _SUMMER),  # noqa: DTZ001 (RFC 5545: local time)
        (standard, "CET", datetime(1970, 10, 25, 3), 10, _SUMMER, _WINTER),  # noqa: DTZ001
    ):
        part.add("TZNAME", name)
        part.add("DTSTART", begins)
        part.add("TZOFFSETFROM", before)
        part.add("TZOFFSETTO", after)
        part.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"})
    component = Timezone()
    component.add("TZID", zone)
    component.add_component(daylight)
    component.add_component(standard)
    serialised: bytes = component.to_ical()
    return serialised
