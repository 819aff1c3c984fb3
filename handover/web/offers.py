"""`/offers`: everybody finds what there is in their municipality, without signing in."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from handover import cataloguing
from handover.domain.days import local_date
from handover.domain.offers import Offer
from handover.errors import NotFound
from handover.store import catalogue, places, programmes
from handover.store.engine import Row, Tx
from handover.web.doors import anyone
from handover.web.keys import CLOCK, LANGUAGE, SCOPE, STORE
from handover.web.offer_words import OfferWords, in_words
from handover.web.pages import page

LONGEST_SEARCH = 100
ZONE = "Europe/Copenhagen"  # start dates are days; both countries keep the same clock


@anyone
async def finder(request: web.Request) -> web.Response:
    """GET /offers?municipality=0540&programme=cancer&theme=fatigue&q=…; the municipality by code or name."""
    asked = {name: request.query.get(name, "").strip()[:LONGEST_SEARCH] for name in _ASKED}
    staff = request[SCOPE]
    if "municipality" not in request.query and staff is not None and staff.organisation:
        asked["municipality"] = await request.app[STORE].read(_home, staff.organisation)
    context = await request.app[STORE].read(_found, asked, request[LANGUAGE], today=_today(request))
    return page(request, "offers/finder.html", {**context, "asked": asked})


@anyone
async def show(request: web.Request) -> web.Response:
    """GET /offers/{offer}"""
    context = await request.app[STORE].read(
        _one, request.match_info["offer"], request[LANGUAGE], today=_today(request)
    )
    return page(request, "offers/show.html", context)


_ASKED = ("municipality", "programme", "theme", "q")


def _today(request: web.Request) -> str:
    return local_date(request.app[CLOCK](), ZONE).isoformat()


def _home(tx: Tx, organisation: str) -> str:
    row = places.organisation(tx, organisation)
    return str(row["municipality"] or "") if row else ""


def _found(tx: Tx, asked: Mapping[str, str], language: str, *, today: str) -> dict[str, object]:
    municipalities = places.municipalities(tx)
    chosen = _municipality(municipalities, asked["municipality"])
    found: list[Offer] = []
    if chosen is not None or not asked["municipality"]:
        found = cataloguing.find(
            tx,
            municipality=chosen["code"] if chosen else None,
            programme=asked["programme"] or None,
            theme=asked["theme"] or None,
            q=asked["q"],
            language=language,
        )
    return {
        "offers": [in_words(offer, language, today=today) for offer in found],
        "municipality": chosen,
        "unknown": bool(asked["municipality"]) and chosen is None,
        "municipalities": [row["name"] for row in municipalities],
        "programmes": list(programmes.programmes(tx, language).items()),
        "themes": list(programmes.themes(tx, language).items()),
    }


def _one(tx: Tx, offer: str, language: str, *, today: str) -> dict[str, object]:
    found = catalogue.get(tx, offer)
    if found is None:
        raise NotFound()
    after: list[OfferWords] = [
        in_words(one, language, today=today)
        for one in (catalogue.current(tx) if found.next_steps else [])
        if one.id in found.next_steps
    ]
    return {
        "offer": in_words(found, language, today=today),
        "after": after,
        "reach": _places_reached(tx, found),
        "checked_on": found.checked_on,
    }


def _places_reached(tx: Tx, offer: Offer) -> list[str]:
    """Whom it is open to, by name; a whole country as its code."""
    names = {row["code"]: row["name"] for row in places.municipalities(tx)}
    names |= {row["id"]: row["name"] for row in catalogue.collaborations(tx)}
    return [names.get(one, one) for one in offer.reach]


def _municipality(rows: list[Row], asked: str) -> Row | None:
    wanted = asked.casefold().removesuffix(" kommune")
    return next((row for row in rows if wanted and wanted in (row["code"], row["name"].casefold())), None)


def routes() -> list[web.RouteDef]:
    return [web.get("/offers", finder), web.get("/offers/{offer}", show)]
