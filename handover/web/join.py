"""A guest's way in: the page behind a join link, and asking for the link again.

`join/show.html` gets: `state` ("early" or "open"), `talk`, `participant` (with the name and relation they last gave),
`when`, `opens_at`, `phone` and `help_phone` (the ward's), `expected` (words for the staff who take part; of other
guests nothing is told before somebody is let in). Wrong, expired and cancelled links all get `join/over.html`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aiohttp import web

from handover import joining, words
from handover.domain import join_links
from handover.domain.talks import STAFF_ROLES
from handover.errors import N_, Conflict, Invalid, NotFound, TooMany
from handover.joining import Opened
from handover.web import problems
from handover.web.complaints import complaints
from handover.web.doors import anyone
from handover.web.forms import Reader, json_object
from handover.web.guessing import NEW_LINKS, genuine_link
from handover.web.keys import CLOCK, LANGUAGE, SCOPE, STORE
from handover.web.pages import page
from handover.web.sessions import chosen_language
from handover.web.throttling import network_of
from handover.web.vocabulary import vocabulary

LONGEST_NAME = 80  # as in the room
ANSWERS_AFTER = 0.25  # seconds; how long an answer takes must not tell whether the address is known


@anyone
async def show(request: web.Request) -> web.Response:
    """GET /j/{token}: what will happen, and the way in once the room is open. Changes nothing."""
    opened = await genuine_link(request, request.match_info["token"])
    if opened is None or opened.standing == "over":
        return _over(request)
    _speak_language_of(request, opened)
    say = _speaker(request, opened)
    talk = opened.talk
    roles = vocabulary(request[LANGUAGE]).roles
    context = {
        "state": opened.standing,
        "talk": talk,
        "participant": replace(opened.guest, name=opened.name, relation=opened.relation),
        "when": say.period(talk.starts_at, talk.ends_at),
        "opens_at": say.time(join_links.opens_at(talk)),
        "now": request.app[CLOCK](),
        "phone": talk.ward_phone,
        "help_phone": talk.ward_phone,
        "expected": [
            roles[role] for role in STAFF_ROLES if any(one.role == role for one in talk.participants)
        ],
    }
    return page(request, "join/show.html", context)


@anyone
async def introduce(request: web.Request) -> web.StreamResponse:
    """POST /j/{token}: *I am ready*, with name and relation. The waiting room itself is entered by the socket."""
    token = request.match_info["token"]
    opened = await genuine_link(request, token)
    if opened is None or opened.standing == "over":
        if problems.wanted_by(request):
            raise NotFound()
        return _over(request)
    _speak_language_of(request, opened)
    if opened.standing == "early":
        opens_at = _speaker(request, opened).time(join_links.opens_at(opened.talk))
        message = N_("The link opens at {time}. You can use it more than once.")
        raise Conflict("too-early", message, time=opens_at)
    scripted = request.content_type == "application/json"
    reader = Reader(await json_object(request) if scripted else await request.post())
    name = reader.line("name", required=True, longest=LONGEST_NAME)
    relation = reader.line("relation", longest=LONGEST_NAME)
    reader.done()
    await request.app[STORE].write(
        joining.introduce, opened.talk.id, opened.guest.id, name, relation, now=request.app[CLOCK]()
    )
    if problems.wanted_by(request):
        return web.json_response({"socket": f"/rooms/{opened.talk.id}/ws"})
    raise web.HTTPSeeOther(f"/j/{token}")


@anyone
async def ask_form(request: web.Request) -> web.Response:
    """GET /new-link"""
    return _asking(request)


@anyone
async def ask(request: web.Request) -> web.Response:
    """POST /new-link: the same answer, after the same time, whoever asks and whatever we know."""
    reader = Reader(await request.post())
    email = reader.email("email", required=True)
    try:
        reader.done()
    except Invalid as error:
        return _asking(request, error=error, email=reader.line("email"))
    if not request.app[NEW_LINKS].take(network_of(request)):
        raise TooMany(
            "too-many-new-links",
            N_("Many links were asked for from here. Wait a few minutes, or ring the ward."),
        )
    await asyncio.gather(
        request.app[STORE].write(joining.ask_for_link, email, now=request.app[CLOCK]()),
        asyncio.sleep(ANSWERS_AFTER),
    )
    return page(request, "join/new_link.html", {"asked": True, "email": "", **complaints(request)})


def _asking(request: web.Request, *, error: Invalid | None = None, email: str = "") -> web.Response:
    context = {"asked": False, "email": email, **complaints(request, error)}
    return page(request, "join/new_link.html", context, status=422 if error else 200)


def _over(request: web.Request) -> web.Response:
    return page(request, "join/over.html", status=404)


def _speak_language_of(request: web.Request, opened: Opened) -> None:
    """The invitation's language, unless somebody has chosen another or is signed in."""
    if chosen_language(request) is None and request[SCOPE] is None:
        request[LANGUAGE] = words.best_language(opened.guest.language, otherwise=request[LANGUAGE])


def _speaker(request: web.Request, opened: Opened) -> words.Speaker:
    elsewhere = words.may_be_elsewhere(request[LANGUAGE], opened.guest.phone)
    return words.Speaker(request[LANGUAGE], opened.talk.zone, name_zone=elsewhere)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/j/{token}", show),
        web.post("/j/{token}", introduce),
        web.get("/new-link", ask_form),
        web.post("/new-link", ask),
    ]
