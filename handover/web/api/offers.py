"""The catalogue by API: public, like the finder."""

from __future__ import annotations

from aiohttp import web

from handover import cataloguing
from handover.domain.offers import Offer
from handover.store.engine import Tx
from handover.web.api.answers import OfferList, OfferOut
from handover.web.api.openapi import Operation, Parameter
from handover.web.api.parsing import number_of
from handover.web.doors import anyone
from handover.web.keys import LANGUAGE, STORE
from handover.words import LANGUAGES

LONGEST_SEARCH = 100
FILTERS = ("municipality", "programme", "theme", "sex", "diagnosis")


@anyone
async def offers(request: web.Request) -> web.Response:
    """GET /offers?municipality&programme&sex&age&theme&diagnosis&q&lang"""
    query = request.query
    language = request[LANGUAGE]
    age = number_of(query["age"], "age", 0, 130) if query.get("age") else None
    filters = {name: query.get(name) or None for name in FILTERS}
    q = query.get("q", "")[:LONGEST_SEARCH]
    found = await request.app[STORE].read(_find, filters, q, age, language)
    return web.json_response(OfferList(items=[_out(offer, language) for offer in found], next=None))


def _find(tx: Tx, filters: dict[str, str | None], q: str, age: int | None, language: str) -> list[Offer]:
    return cataloguing.find(tx, **filters, q=q, age=age, language=language)  # type: ignore[arg-type]


def _out(offer: Offer, language: str) -> OfferOut:
    text = offer.text(language)
    return OfferOut(
        id=offer.id,
        name=text.name,
        summary=text.summary,
        lang=text.language,
        kind=offer.kind,
        provider=offer.provider_name,
        programmes=list(offer.programmes),
        themes=list(offer.themes),
        place=offer.facts.place,
        price=offer.facts.price,
        starts=list(offer.facts.starts),
    )


_TEXT = {"type": "string"}
OPERATIONS = (
    Operation(
        "GET",
        "/offers",
        offers,
        "Follow-up offers open to somebody who lives in a municipality",
        response=OfferList,
        problems=(422,),
        parameters=(
            *(Parameter(name, _TEXT) for name in FILTERS),
            Parameter("age", {"type": "integer"}),
            Parameter("q", _TEXT),
            Parameter("lang", {"type": "string", "enum": list(LANGUAGES)}),
        ),
    ),
)
