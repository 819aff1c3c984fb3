"""`/`: what today holds for who is signed in; for everybody else what this is, and the way to what they look for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from handover import organising
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.days import local_date, midnight
from handover.domain.talks import LIVE_STATES, Participant, State, Talk
from handover.store import accounts, places, programmes, talks, today
from handover.store.engine import Tx
from handover.store.today import Need
from handover.web.doors import anyone
from handover.web.keys import CLOCK, LANGUAGE, SCOPE, STORE
from handover.web.pages import page
from handover.words import Speaker

# An outcome that nobody wrote in a month is for the figures to show, not for a list.
LOOK_BACK = timedelta(days=30)
LOOK_AHEAD = timedelta(days=60)
SHOWN_STATES: tuple[State, ...] = ("asked", "booked", "confirmed", "held", "not-held")
LANGUAGE_ORDER = {"da": ("da", "nb", "en"), "nb": ("nb", "da", "en"), "en": ("en", "da", "nb")}


@dataclass(frozen=True)
class Line:
    """A talk as the page shows it. `room` says that the room can be entered now; `mark` is how its bar is drawn."""

    talk: Talk
    initials: str
    starts: str
    ends: str
    instant: str
    themes: tuple[str, ...]
    room: bool
    over: bool
    recorded: bool
    mark: str

    @property
    def nurse(self) -> Participant | None:
        return self._one("nurse")

    @property
    def guests(self) -> list[Participant]:
        return [person for person in self.talk.participants if person.guest and person.role != "patient"]

    @property
    def live(self) -> bool:
        return self.talk.state in LIVE_STATES and not self.over

    def _one(self, role: str) -> Participant | None:
        return next((person for person in self.talk.participants if person.role == role), None)


@anyone
async def show(request: web.Request) -> web.Response:
    """GET /"""
    by = request[SCOPE]
    if by is None:
        return page(request, "today/citizens.html")
    gather = _PAGES[by.role or "association"]
    context = await request.app[STORE].read(gather, by, request[LANGUAGE], request.app[CLOCK]())
    return page(request, f"today/{by.role}.html", context)


def _work(tx: Tx, by: Scope, language: str, now: int) -> dict[str, Any]:
    """The ward's and the nurse's day: today's and tomorrow's talks, and what waits."""
    day, ends, after = _days(now, by.zone)
    found = talks.between(tx, by, day, after, SHOWN_STATES)
    lines = _lines(tx, found, by, language, now)
    start, end = now - int(LOOK_BACK.total_seconds()), now + int(LOOK_AHEAD.total_seconds())
    mine = [line for line in lines if line.live and by.actor in (line.talk.nurse, *_accounts(line.talk))]
    following = mine[0] if mine else None
    of_today = [line for line in lines if line.talk.starts_at < ends]
    return {
        "day": _heading(now, by.zone, language),
        "lines": of_today,
        "others": [line for line in of_today if line is not following],
        "tomorrow": [line for line in lines if line.talk.starts_at >= ends],
        "next": following,
        "next_is_today": following in of_today,
        "in_minutes": max(0, (following.talk.starts_at - now) // 60) if following else 0,
        "needs": [need for need in today.needs(tx, by, now=now, since=start, until=end) if _theirs(need, by)],
        "asked": today.asked_now(tx, by, now=now) if by.role == "nurse" else [],
    }


def _coordinator(tx: Tx, by: Scope, language: str, now: int) -> dict[str, Any]:
    day, ends, _ = _days(now, by.zone)
    monday = local_date(now, by.zone)
    monday -= timedelta(days=monday.weekday())
    return {
        "day": _heading(now, by.zone, language),
        "today_states": today.states(tx, by, day, ends),
        "week_states": today.states(
            tx, by, midnight(monday, by.zone), midnight(monday + timedelta(days=7), by.zone)
        ),
        "states": (*SHOWN_STATES, "cancelled"),
    }


def _association(tx: Tx, by: Scope, language: str, now: int) -> dict[str, Any]:
    return {"offers": today.own_offers(tx, by.organisation or "", LANGUAGE_ORDER[language])}


def _administrator(tx: Tx, by: Scope, language: str, now: int) -> dict[str, Any]:
    organisation = by.organisation or ""
    kind = organising.UNIT_OF.get(by.organisation_kind)
    people = [row for row in accounts.of_organisation(tx, organisation) if row["disabled_at"] is None]
    day = local_date(now, by.zone).isoformat()
    if by.organisation_kind == "municipality":
        rows = places.agreements_of(tx, organisation, _country(tx, organisation))
        partners = [row["name"] for row in rows if row["since"] and (not row["until"] or row["until"] > day)]
    else:
        partners = [row["organisation_name"] for row in places.bookable_teams(tx, organisation, day)]
    return {
        "unit_kind": kind,
        "units": places.units_of(tx, organisation, kind) if kind else [],
        "workers": [row for row in people if row["role"] in ("ward", "nurse", "association")],
        "waiting": [row for row in people if not row["has_password"]],
        "without_hours": accounts.nurses_without_hours(tx, organisation),
        "partners": partners,
    }


_PAGES = {
    "ward": _work,
    "nurse": _work,
    "coordinator": _coordinator,
    "association": _association,
    "administrator": _administrator,
}


def _lines(tx: Tx, found: list[Talk], by: Scope, language: str, now: int) -> list[Line]:
    ids = [talk.id for talk in found]
    whose, recorded = today.initials(tx, ids), today.recorded(tx, ids)
    names = programmes.themes(tx, language)
    lines = []
    for talk in found:
        say = Speaker(language, talk.zone)
        over = talk.ends_at <= now
        live = talk.state in LIVE_STATES and not over
        lines.append(
            Line(
                talk,
                whose.get(talk.id, ""),
                say.time(talk.starts_at),
                say.time(talk.ends_at),
                say.machine_time(talk.starts_at),
                tuple(names[theme] for theme in talk.themes if theme in names),
                room=now >= join_links.opens_at(talk) and join_links.room_shown(talk, now),
                over=over,
                recorded=talk.id in recorded,
                mark="wait" if live and talk.lacks_nurse else "next" if live else "",
            )
        )
    return lines


def _accounts(talk: Talk) -> list[str | None]:
    return [person.account for person in talk.participants if person.account]


def _theirs(need: Need, by: Scope) -> bool:
    """A ward finds another time or rings; a nurse writes outcomes."""
    return by.role == "ward" or need.why == "no-outcome"


def _country(tx: Tx, organisation: str) -> str:
    found = places.organisation(tx, organisation)
    assert found is not None
    return str(found["country"])


def _heading(now: int, zone: str, language: str) -> str:
    """The date with a capital letter in front, as a heading has it in Danish too."""
    said = Speaker(language, zone).date(local_date(now, zone))
    return said[:1].upper() + said[1:]


def _days(now: int, zone: str) -> tuple[int, int, int]:
    """Last midnight, the next one, and the one after, where they are."""
    day = local_date(now, zone)
    return (
        midnight(day, zone),
        midnight(day + timedelta(days=1), zone),
        midnight(day + timedelta(days=2), zone),
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/", show)]
