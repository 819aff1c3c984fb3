"""What pages with a picker of free times have in common: a week in words, lengths, and who was booked meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web

from handover import words
from handover.errors import N_
from handover.web import free_times
from handover.web.complaints import complaints
from handover.web.free_times import Times
from handover.web.keys import LANGUAGE
from handover.web.time_fields import MINUTES, WHY_MISSING
from handover.words import Speaker


def week_context(times: Times, zone: str, language: str) -> dict[str, Any]:
    """A week of free times for `forms.slot_picker` and for the script, which gets the same as JSON."""
    say, speaker = words.translations(language).gettext, Speaker(language, zone)
    week = times.week
    return {
        "label": say(N_("Week {number}")).format(number=week.monday.isocalendar().week),
        "monday": week.monday.isoformat(),
        "days": free_times.days_of(week, zone, speaker),
        "earlier": week.earlier and week.earlier.isoformat(),
        "later": week.later and week.later.isoformat(),
        "first": speaker.day_and_time(week.slots[0].start) if week.slots else None,
    }


def minutes_options(language: str) -> list[tuple[str, str]]:
    """How long a talk may be, in words."""
    sentence = words.translations(language).gettext(N_("{minutes} minutes"))
    return [(one, sentence.format(minutes=one)) for one in MINUTES]


def taken_sentence(
    times: Times, nurse: str | None, start: int, zone: str, language: str, *, place: str = ""
) -> str:
    """ "Bo was booked for 10:00 a moment ago": the place when it was that, the nurse when there is only one, or all."""
    say = words.translations(language).gettext
    at = Speaker(language, zone).time(start)
    if place:
        sentence = say(N_("{place} was booked for {time} a moment ago. These times are free:"))
        return sentence.format(place=place, time=at)
    names = [row["name"] for row in times.nurses if nurse in (None, row["id"])]
    if len(names) == 1:
        sentence = say(N_("{name} was booked for {time} a moment ago. These times are free:"))
        return sentence.format(name=names[0].split()[0], time=at)
    return say(N_("Everybody in the team is booked for {time} now. These times are free:")).format(time=at)


def taken(request: web.Request, sentence: str, *, by_hand: bool, why: str) -> dict[str, Any]:
    """What the form says when a time is taken; who typed it may book it all the same, with a reason."""
    told = complaints(request)
    told["wrong"]["start"] = sentence
    if by_hand and not why.strip():
        told["wrong"]["override"] = words.translations(request[LANGUAGE]).gettext(WHY_MISSING.message)
    return {**told, "errors": list(told["wrong"].items())}


def monday_in(text: str) -> date | None:
    """The Monday of the week of a date in a form, or None."""
    try:
        return free_times.monday_of(date.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
