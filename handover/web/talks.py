"""`/talks`: the list, one talk with everything about it, and the printed invitations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiohttp import web

from handover import words
from handover.domain import join_links
from handover.domain.access import Scope
from handover.domain.consents import Consent
from handover.domain.patients import Patient
from handover.domain.talks import LIVE_STATES, STATES, Participant, Talk
from handover.errors import N_, NotFound
from handover.store import (
    audit,
    consents,
    links,
    outcomes,
    participants,
    patients,
    programmes,
    talk_lists,
    talks,
)
from handover.store.engine import Row, Tx
from handover.store.talk_lists import TalkLine
from handover.web.doors import staff
from handover.web.keys import CLOCK, LANGUAGE, SECRET, SETTINGS, STORE, scope_of
from handover.web.pages import page
from handover.web.qr import qr
from handover.web.talk_history import Line, history
from handover.words import Speaker

PAGE = 20

# What the last press did: the page it led to is told by `?done=`.
DONE = {
    "booked": N_("The talk is booked. Everybody with a mail address gets an invitation."),
    "booked-before": N_(
        "This talk was booked already. What you changed afterwards is not saved; change it here."
    ),
    "asked": N_("The team is asked who can join now. This page shows who says yes."),
    "moved": N_("The talk is moved. Everybody gets the new time."),
    "changed": N_("Saved. Who is new gets an invitation."),
    "cancelled": N_("The talk is cancelled. Everybody is told."),
    "stopped": N_("Everything is stopped. Nobody is written to."),
    "undone": N_("The stop is taken back. Book a new talk when it is needed."),
    "answered": N_("Your answer is saved."),
    "handed-over": N_(
        "Thank you for saying so. The talk is a colleague's now, or the ward chooses another time."
    ),
    "joined": N_("You have the talk. The ward sees your name now."),
    "consented": N_("The consent is written down."),
    "withdrawn": N_("The patient has changed their mind. The nurse has left and will learn no more."),
}


@dataclass(frozen=True)
class Whole:
    """One talk with everything its page tells. `patient` is None where consent does not let the viewer know."""

    talk: Talk
    patient: Patient
    may_know: bool
    consents: list[Consent]
    names: dict[str, str]
    themes: list[str]
    programme: str
    events: list[Row]
    recorded: bool
    team_phone: str


@staff("talks:read")
async def list_(request: web.Request) -> web.Response:
    """GET /talks?past=1&state=booked&after=…"""
    by, asked = scope_of(request), request.query
    past = asked.get("past") == "1"
    state = next((one for one in STATES if one == asked.get("state")), None)
    lines = await request.app[STORE].read(
        talk_lists.page,
        by,
        now=request.app[CLOCK](),
        past=past,
        state=state,
        after=_after(asked.get("after", "")),
        limit=PAGE + 1,
    )
    more = f"{lines[PAGE - 1].starts_at}.{lines[PAGE - 1].id}" if len(lines) > PAGE else None
    context = {
        "days": _by_day(lines[:PAGE], request[LANGUAGE]),
        "past": past,
        "state": state,
        "states": STATES,
        "more": more,
        "first_page": "after" not in asked,
        "own": by.organisation,
        "may_book": by.may("talks:write"),
        "notice": _notice(request, asked.get("done", "")),
    }
    return page(request, "talks/list.html", context)


@staff("talks:read")
async def show(request: web.Request) -> web.Response:
    """GET /talks/{talk}"""
    by, language, now = scope_of(request), request[LANGUAGE], request.app[CLOCK]()
    whole = await request.app[STORE].read(read_whole, request.match_info["talk"], language, by=by)
    return page(request, "talks/show.html", show_context(request, whole, by, now))


@staff("talks:write")
async def slip(request: web.Request) -> web.Response:
    """GET /talks/{talk}/slip?for=…: an invitation on paper for each guest. Only the booking side may print links: a
    municipality's nurse must not be able to come as the patient."""
    by = scope_of(request)
    found, rows, protected = await request.app[STORE].read(_links_of, request.match_info["talk"], by=by)
    if found.hospital != by.organisation or not join_links.takes_place(found):
        raise NotFound()
    only = request.query.get("for")
    slips = [
        _slip(request, found, person, rows[person.id], protected)
        for person in found.participants
        if person.guest and person.id in rows and only in (None, person.id)
    ]
    return page(request, "talks/slip.html", {"talk": found, "slips": slips})


@dataclass(frozen=True)
class _Slip:
    """One guest's sheet, in the guest's own language."""

    person: Participant
    link: str
    qr: str
    say: Speaker
    opens_at: int
    place: str

    def words(self, message: str) -> str:
        """A sentence in the guest's language."""
        return words.translations(self.say.language).gettext(message)


def read_whole(tx: Tx, talk_id: str, language: str, *, by: Scope) -> Whole:
    """The talk and everything around it that this person may see."""
    talk = talks.get(tx, by, talk_id)
    patient = patients.get(tx, talk.patient)
    names = programmes.themes(tx, language)
    return Whole(
        talk=talk,
        patient=patient,
        may_know=talk.hospital == by.organisation or consents.municipality_may_know(tx, talk.id),
        consents=consents.of_talk(tx, talk.id),
        names=participants.names(tx, talk.id),
        themes=[names.get(theme, theme) for theme in talk.themes],
        programme=programmes.programmes(tx, language).get(talk.programme, talk.programme),
        events=audit.of_talk(tx, talk.id),
        recorded=outcomes.load(tx, talk.id).version > 0,
        team_phone=talk.team_phone,
    )


def show_context(request: web.Request, whole: Whole, by: Scope, now: int) -> dict[str, Any]:
    """What the talk's page needs; also when an action on it could not be done."""
    talk, language = whole.talk, request[LANGUAGE]
    lines: list[Line] = history(whole.events, language)
    mine = next((person for person in talk.participants if person.account == by.actor), None)
    live = talk.state in LIVE_STATES and talk.stopped_at is None
    return {
        "whole": whole,
        "talk": talk,
        "patient": whole.patient,
        "title": title_of(whole, by),
        "own_house": talk.hospital == by.organisation,
        "say": Speaker(language, talk.zone),
        "history": lines,
        "mine": mine,
        "live": live,
        "room_shown": join_links.room_shown(talk, now),
        "over": talk.ends_at <= now,
        "takes_place": join_links.takes_place(talk),
        "gone_by": now >= join_links.closes_at(talk),
        "may_write": by.may("talks:write"),
        "may_join_now": live and talk.state == "asked" and by.role == "nurse",
        "names": whole.names,
        "national_id": None,
        "trouble": None,
        "notice": _notice(request, request.query.get("done", "")),
    }


def title_of(whole: Whole, by: Scope) -> str:
    """What the patient is called on a page: the house's own number for the ward, the name for the nurse."""
    if whole.talk.hospital == by.organisation:
        return f"{whole.patient.initials} · {whole.patient.reference}"
    return whole.patient.name or whole.patient.initials if whole.may_know else whole.patient.initials


def _links_of(tx: Tx, talk_id: str, *, by: Scope) -> tuple[Talk, dict[str, Row], bool]:
    talk = talks.get(tx, by, talk_id)
    patient = patients.get(tx, talk.patient)
    rows = {row["participant"]: row for row in links.of_talk(tx, "join", talk.id)}
    return talk, rows, patient.protected_address


def _slip(request: web.Request, talk: Talk, person: Participant, row: Row, protected: bool) -> _Slip:
    token = join_links.token(request.app[SECRET], "join", row["id"], row["generation"])
    link = f"{request.app[SETTINGS].base_url}/j/{token}"
    return _Slip(
        person,
        link,
        qr(link),
        Speaker(person.language, talk.zone),
        join_links.opens_at(talk),
        # Whom a protected patient lies beside is for the patient to tell.
        talk.place if person.role == "patient" or not protected else "",
    )


def _after(text: str) -> tuple[int, str] | None:
    start, dot, talk = text.partition(".")
    return (int(start), talk) if dot and start.isascii() and start.isdigit() and len(start) <= 11 else None


def _by_day(lines: list[TalkLine], language: str) -> list[tuple[str, list[tuple[TalkLine, str, str]]]]:
    """The lines under their days, each with its clock times in words."""
    days: list[tuple[str, list[tuple[TalkLine, str, str]]]] = []
    for line in lines:
        heading = _day(line.starts_at // 3600, line.zone, language)
        if not days or days[-1][0] != heading:
            days.append((heading, []))
        times = (
            words.say_time(line.starts_at, line.zone, language),
            words.say_time(line.ends_at, line.zone, language),
        )
        days[-1][1].append((line, *times))
    return days


@lru_cache(4096)
def _day(hour: int, zone: str, language: str) -> str:
    """The day that an hour of the epoch is in, in words: saying dates is what a list spends its time on."""
    speaker = Speaker(language, zone)
    said = speaker.date(speaker.today(hour * 3600), year=True)
    return said[:1].upper() + said[1:]


def _notice(request: web.Request, done: str) -> str | None:
    sentence = DONE.get(done)
    return words.translations(request[LANGUAGE]).gettext(sentence) if sentence else None


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks", list_),
        web.get("/talks/{talk}", show),
        web.get("/talks/{talk}/slip", slip),
    ]
