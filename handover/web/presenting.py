"""Offers in the room: the nurse's panel, *Show*, and what each guest's page fetches in its own language."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from handover import presenting
from handover.domain.access import Scope
from handover.domain.days import local_date
from handover.domain.offers import AUDIENCES, Audience, Offer
from handover.errors import NotFound
from handover.presenting import Showing
from handover.store import programmes, talks
from handover.store.engine import Tx
from handover.web.doors import anyone, staff
from handover.web.forms import Reader, json_object
from handover.web.guessing import genuine_link
from handover.web.keys import CLOCK, LANGUAGE, ROOMS, STORE, scope_of
from handover.web.offer_words import in_words
from handover.web.sessions import chosen_language

LONGEST_SEARCH = 100
NOBODY = "nobody"


@staff("room")
async def offers(request: web.Request) -> web.Response:
    """GET /talks/{talk}/offers?theme=fatigue&q=…: what is open to this talk's patient."""
    by, language = scope_of(request), request[LANGUAGE]
    items = await request.app[STORE].read(
        _panel,
        request.match_info["talk"],
        request.query.get("theme") or None,
        request.query.get("q", "")[:LONGEST_SEARCH],
        language,
        by=by,
        now=request.app[CLOCK](),
    )
    return web.json_response({"items": items})


@staff("room")
async def shown(request: web.Request) -> web.Response:
    """GET /talks/{talk}/shown: everything that was shown, newest first."""
    by = scope_of(request)
    showings = await request.app[STORE].read(_shown, request.match_info["talk"], by=by)
    return items(request, showings, request[LANGUAGE], by.zone)


@staff("room")
async def show(request: web.Request) -> web.Response:
    """POST /talks/{talk}/shown with `{"offer", "audience"}`, where nobody takes it away; then the room fetches."""
    by, talk = scope_of(request), request.match_info["talk"]
    reader = Reader(await json_object(request))
    offer = reader.line("offer", required=True)
    wanted = reader.choice("audience", (*AUDIENCES, NOBODY), default="everyone")
    reader.done()
    showings = await request.app[STORE].write(_show, talk, offer, wanted, by=by, now=request.app[CLOCK]())
    # Everybody is told to look, also those it is not for: an offer that was narrowed has to leave their screens.
    request.app[ROOMS].tell(talk, {"kind": "shown"}, to=lambda pass_: True)
    return items(request, showings, request[LANGUAGE], by.zone)


@anyone
async def shown_to_guest(request: web.Request) -> web.Response:
    """GET /j/{token}/shown: for a guest who was let in, in the guest's own language."""
    opened = await genuine_link(request, request.match_info["token"])
    if opened is None or opened.standing == "over":
        raise NotFound()
    showings = await request.app[STORE].read(presenting.shown_to, opened.talk, opened.guest)
    return items(request, showings, chosen_language(request) or opened.guest.language, opened.talk.zone)


def items(request: web.Request, showings: list[Showing], language: str, zone: str) -> web.Response:
    """What was shown, as pages get it, in words of `language`."""
    today = local_date(request.app[CLOCK](), zone).isoformat()
    said = [{**_item(one.offer, language, today), "audience": one.audience} for one in showings]
    return web.json_response({"items": said})


def _item(offer: Offer, language: str, today: str) -> dict[str, Any]:
    said = in_words(offer, language, today=today)
    return {
        "id": said.id,
        "name": said.name,
        "summary": said.summary,
        "lang": said.lang,
        "lang_note": said.lang_note,
        "kind": said.kind,
        "provider": said.provider,
        "facts": [{"label": label, "value": value} for label, value in said.facts],
    }


def _panel(
    tx: Tx, talk: str, theme: str | None, q: str, language: str, *, by: Scope, now: int
) -> list[dict[str, Any]]:
    found = presenting.open_to_patient(tx, talk, theme=theme, q=q, language=language, by=by, now=now)
    on_screen = {showing.offer.id: showing.audience for showing in presenting.shown(tx, talk)}
    themes = programmes.themes(tx, language)
    needs = talks.get(tx, by, talk).themes
    today = local_date(now, by.zone).isoformat()
    return [
        {
            **_item(offer, language, today),
            "shown": offer.id in on_screen,
            "audience": on_screen.get(offer.id),
            "fits": [themes[theme] for theme in offer.fits(needs)],
        }
        for offer in found
    ]


def _shown(tx: Tx, talk: str, *, by: Scope) -> list[Showing]:
    return presenting.shown(tx, talks.get(tx, by, talk).id)


def _show(tx: Tx, talk: str, offer: str, wanted: str, *, by: Scope, now: int) -> list[Showing]:
    if wanted == NOBODY:
        presenting.take_away(tx, talk, offer, by=by, now=now)
    else:
        audience: Audience = "patient-and-ward" if wanted == "patient-and-ward" else "everyone"
        presenting.show(tx, talk, offer, audience, by=by, now=now)
    return presenting.shown(tx, talk)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks/{talk}/offers", offers),
        web.get("/talks/{talk}/shown", shown),
        web.post("/talks/{talk}/shown", show),
        web.get("/j/{token}/shown", shown_to_guest),
    ]
