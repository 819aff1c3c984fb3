"""The ward's tablet: the code on staff's screen, and the page behind it, which needs no session and makes none."""

from __future__ import annotations

from aiohttp import web

from handover import lending, ringing, words
from handover.domain import join_links
from handover.errors import NotFound
from handover.lending import Tablet
from handover.web.doors import anyone, staff
from handover.web.guessing import behind
from handover.web.keys import CLOCK, LANGUAGE, ROOMS, SECRET, SETTINGS, STORE, scope_of
from handover.web.pages import page
from handover.web.phones import sits_in
from handover.web.presenting import items
from handover.web.qr import qr
from handover.web.room_hooks import on_the_phone
from handover.web.sessions import chosen_language


@staff("room")
async def code(request: web.Request) -> web.Response:
    """GET /talks/{talk}/tablet: the code to scan, or the button that makes one."""
    talk, row = await request.app[STORE].read(lending.lent, request.match_info["talk"], by=scope_of(request))
    address = ""
    if row is not None:
        token = join_links.token(request.app[SECRET], "device", row["id"], row["generation"])
        address = f"{request.app[SETTINGS].base_url}/tablet/{token}"
    say = words.Speaker(request[LANGUAGE], talk.zone)
    context = {
        "talk": talk,
        "standing": join_links.standing(talk, request.app[CLOCK]()),
        "opens_at": say.day_and_time(join_links.opens_at(talk)),
        "address": address,
        "qr": qr(address) if address else "",
    }
    return page(request, "talks/tablet.html", context)


@staff("room")
async def lend(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/tablet: make the code, or show the one there is."""
    talk = request.match_info["talk"]
    await request.app[STORE].write(lending.lend, talk, by=scope_of(request), now=request.app[CLOCK]())
    raise web.HTTPSeeOther(f"/talks/{talk}/tablet")


@staff("room")
async def renew(request: web.Request) -> web.StreamResponse:
    """POST /talks/{talk}/tablet/renew: a new code; the old one ends, and who came by it leaves the room."""
    talk = request.match_info["talk"]
    seat = await request.app[STORE].write(lending.renew, talk, by=scope_of(request), now=request.app[CLOCK]())
    await request.app[ROOMS].expel(talk, seat)
    raise web.HTTPSeeOther(f"/talks/{talk}/tablet")


@anyone
async def show(request: web.Request) -> web.Response:
    """GET /tablet/{token}: the way in, in the ward's language. Wrong, old and over look alike."""
    tablet = await behind(request, request.match_info["token"], lending.open_tablet)
    if tablet is None or tablet.standing == "over":
        return page(request, "device/empty.html", {"wrong": True}, status=404)
    if chosen_language(request) is None:
        request[LANGUAGE] = words.best_language(tablet.language, otherwise=request[LANGUAGE])
    say = words.Speaker(request[LANGUAGE], tablet.talk.zone)
    context = {
        "tablet": tablet,
        "talk": tablet.talk,
        "when": say.period(tablet.talk.starts_at, tablet.talk.ends_at),
        "opens_at": say.time(join_links.opens_at(tablet.talk)),
        "now": request.app[CLOCK](),
        "phone": tablet.talk.ward_phone,
    }
    return page(request, "device/show.html", context)


@anyone
async def empty(request: web.Request) -> web.Response:
    """GET /tablet: where a tablet is left, with nothing on it about anybody."""
    return page(request, "device/empty.html", {"wrong": False})


@anyone
async def shown(request: web.Request) -> web.Response:
    """GET /tablet/{token}/shown: what is shown to everyone, in the patient's language, while it sits in the room."""
    tablet = await _inside(request)
    showings = await request.app[STORE].read(lending.shown_on, tablet.talk)
    return items(request, showings, tablet.talk.language, tablet.talk.zone)


@anyone
async def people(request: web.Request) -> web.Response:
    """GET /tablet/{token}/people: who is on the phone, while it sits in the room."""
    tablet = await _inside(request)
    return web.json_response(on_the_phone(await request.app[STORE].read(ringing.on_phone, tablet.talk)))


async def _inside(request: web.Request) -> Tablet:
    tablet = await behind(request, request.match_info["token"], lending.open_tablet)
    if tablet is None or not sits_in(request, tablet.talk.id, tablet.id):
        raise NotFound()
    return tablet


def routes() -> list[web.RouteDef]:
    return [
        web.get("/talks/{talk}/tablet", code),
        web.post("/talks/{talk}/tablet", lend),
        web.post("/talks/{talk}/tablet/renew", renew),
        web.get("/tablet", empty),
        web.get("/tablet/{token}", show),
        web.get("/tablet/{token}/shown", shown),
        web.get("/tablet/{token}/people", people),
    ]
