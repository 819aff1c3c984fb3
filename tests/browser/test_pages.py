"""Every page, at a desk and on a phone: nothing for axe to find, nothing wider than its window, nothing in the console.

The list is checked against the routes, so that a new page is looked at from its first day.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Page

from handover import booking, recording
from handover.domain import join_links
from handover.domain.outcomes import Contact, Decision, Outcome, Unmet
from handover.domain.talks import Talk
from handover.presenting import show
from handover.store import links
from handover.store.engine import Tx
from handover.web.keys import SECRET
from tests.bookings import TEN, at, wanted
from tests.browser.conftest import Site, axe, overflow
from tests.cast import NOW, Cast

NOBODY, ASTRID, BO, IDA, ODA, ADMIN = (
    "",
    "astrid@ward.example",
    "bo@kommune.example",
    "ida@kommune.example",
    "oda@forening.example",
    "admin@kommune.example",
)
# Who looks at which route's page. Staff of both sides look at what both use.
PAGES = {
    "/": (NOBODY, ASTRID, BO, IDA, ODA, ADMIN),
    "/sign-in": (NOBODY,),
    "/offers": (NOBODY, BO),
    "/offers/{offer}": (NOBODY,),
    "/help": (NOBODY, ASTRID),
    "/help/accessibility": (NOBODY,),
    "/help/check": (NOBODY,),
    "/privacy": (NOBODY,),
    "/terms": (NOBODY,),
    "/new-link": (NOBODY,),
    "/j/{token}": (NOBODY,),
    "/summary/{token}": (NOBODY,),
    "/password/{token}": (NOBODY,),
    "/set-up/{token}": (NOBODY,),
    "/talks": (ASTRID, BO),
    "/talks/new": (ASTRID,),
    "/talks/{talk}": (ASTRID, BO),
    "/talks/{talk}/room": (ASTRID, BO),
    "/talks/{talk}/outcome": (ASTRID, BO),
    "/talks/{talk}/outcome/text": (BO,),
    "/talks/{talk}/summary": (BO,),
    "/talks/{talk}/cancel": (ASTRID,),
    "/talks/{talk}/stop": (ASTRID,),
    "/talks/{talk}/consents": (ASTRID,),
    "/talks/{talk}/people": (ASTRID,),
    "/talks/{talk}/edit": (ASTRID,),
    "/talks/{talk}/move": (ASTRID,),
    "/talks/{talk}/slip": (ASTRID,),
    "/talks/{talk}/tablet": (ASTRID,),
    "/tablet": (NOBODY,),
    "/tablet/{token}": (NOBODY,),
    "/evaluation": (ASTRID, BO, IDA),
    "/account": (BO,),
    "/admin": (ADMIN,),
    "/admin/organisation": (ADMIN,),
    "/admin/people/new": (ADMIN,),
    "/admin/people/{account}": (ADMIN,),
    "/admin/people/{account}/leave": (ADMIN,),
    "/admin/units/new": (ADMIN,),
    "/admin/units/{unit}": (ADMIN,),
}
# What answers GET and is no page.
NO_PAGES = ("/api/", "/static/", "/health/", "/metrics", "/rooms/", "/photos/")
FOR_SCRIPTS = (
    "/talks/slots",
    "/talks/{talk}/offers",
    "/talks/{talk}/shown",
    "/talks/{talk}/outcome/panel",
    "/talks/{talk}/absent",
    "/j/{token}/shown",
    "/j/{token}/people",
    "/tablet/{token}/shown",
    "/tablet/{token}/people",
)
# Nobody has such a link here: the page says so, and has to be usable all the same.
SAYS_NO = ("/password/{token}", "/set-up/{token}", "/tablet/{token}")

# Several sheets of paper, each with a heading of its own.
SHEETS = ("/talks/{talk}/slip",)


@dataclass(frozen=True)
class Held:
    """What the routes' gaps are filled with."""

    talk: Talk
    join: str
    summary: str


@pytest.fixture
def held(site: Site, cast: Cast) -> Held:
    """Ellen's talk of yesterday with its outcome, one that is on, and one to come."""

    def tell(tx: Tx) -> Held:
        past = booking.book(tx, wanted(), by=cast.astrid, now=NOW)
        coming = booking.book(
            tx, wanted(at("2026-12-02 10:00"), themes=("fatigue",)), by=cast.astrid, now=NOW
        )
        show(tx, past.id, "sdb-psykolog", "everyone", by=cast.bo, now=TEN)
        outcome = Outcome(
            decisions=(
                Decision("sdb-genoptraening", decision="accepted"),
                Decision("sdb-psykolog", decision="declined", reason="time"),
            ),
            unmet=(Unmet("work", "En at tale med arbejdspladsen sammen med"),),
            contact=Contact(account=cast.bo.actor),
            follow_up_on="2026-12-15",
            words="Uden det havde jeg valgt sofaen",
        )
        recording.record(tx, past.id, outcome, version=0, by=cast.bo, now=TEN + 1800)
        patient = next(person.id for person in past.participants if person.role == "patient")
        summary = links.ensure(tx, "summary", past.id, patient, now=TEN)
        join = links.of_talk(tx, "join", coming.id)[0]
        key = site.app[SECRET]
        return Held(
            past,
            join_links.token(key, "join", join["id"], join["generation"]),
            join_links.token(key, "summary", summary["id"], summary["generation"]),
        )

    told = site.store.write_now(tell)
    site.clock.now = at("2026-12-02 09:55")
    return told


def address(route: str, held: Held, cast: Cast) -> str:
    """The route with its gaps filled."""
    token = held.summary if route.startswith("/summary") else held.join
    gaps = {
        "talk": held.talk.id,
        "token": token,
        "offer": "sdb-genoptraening",
        "account": cast.birgit.actor,
        "unit": cast.team,
    }
    return route.format(**gaps)


def test_every_page_is_looked_at(site: Site) -> None:
    routes = {
        route.resource.canonical
        for route in site.app.router.routes()
        if route.method == "GET" and route.resource is not None
    }
    pages = {route for route in routes if not route.startswith(NO_PAGES) and route not in FOR_SCRIPTS}
    assert pages == set(PAGES)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "who", [NOBODY, ASTRID, BO, IDA, ODA, ADMIN], ids=lambda who: who.split("@")[0] or "nobody"
)
async def test_every_page_can_be_used_by_everybody(
    site: Site, cast: Cast, held: Held, who: str, phone: bool
) -> None:
    page = await site.staff(who, phone=phone) if who else await site.visitor(phone=phone)
    found = []
    for route, lookers in PAGES.items():
        if who in lookers:
            found += await _look(page, site, route, address(route, held, cast))
    if who == NOBODY:
        site.complaints[:] = [line for line in site.complaints if "404" not in line and "410" not in line]
    assert found == []


async def _look(page: Page, site: Site, route: str, path: str) -> list[str]:
    """What is wrong with a page, one line each."""
    answer = await page.goto(site.base + path)
    assert answer is not None
    wrong = [f"{route}: {line}" for line in await axe(page)]
    if answer.status != 200 and route not in SAYS_NO:
        wrong.append(f"{route}: {answer.status}")
    if (wider := await overflow(page)) > 0:
        wrong.append(f"{route}: {wider} px wider than the window")
    headings = await page.locator("h1:visible").count()
    if not await page.title() or (headings != 1 and not (route in SHEETS and headings > 1)):
        wrong.append(f"{route}: {headings} headings")
    return wrong
