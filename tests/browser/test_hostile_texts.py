"""Markup in every text of the database stays text: on every page, in the room, on the guest's phone and in the mail."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page, expect

from handover.store import talks
from handover.store.engine import Tx
from tests.browser.calls import in_the_call
from tests.browser.conftest import Site
from tests.browser.test_pages import ADMIN, ASTRID, BO, IDA, NOBODY, ODA, PAGES, SAYS_NO, Held, address, held
from tests.cast import Cast

HARM = """'"></textarea></title></script><img src=x onerror=harm()><script>harm()</script>{{ 7*7 }}"""
NAME = "</b><img src=x onerror=harm()>"  # for those who type it themselves
# Everything that people, programs and imports write, and that somebody reads.
TEXTS = {
    "accounts": ("name", "title", "phone", "hours"),
    "consents": ("basis", "asked_by"),
    "decisions": ("words",),
    "offer_texts": ("name", "summary"),
    "organisations": ("name", "phone"),
    "outcomes": ("words",),
    "participants": ("name", "phone", "relation"),
    "patients": ("name", "initials", "reference", "phone"),
    "providers": ("name",),
    "talks": ("place",),
    "units": ("name", "phone"),
    "unmet_needs": ("words",),
}
# Texts inside of JSON: table, column, and the names in it, or all.
JSON_TEXTS = (
    ("offer_versions", "facts", ("place", "source")),
    ("programmes", "names", ()),
    ("themes", "names", ()),
)
# What a browser would have made of it; `harm` is a script that got in.
MADE = """() => [...document.querySelectorAll("img[src=x], script:not([src]):not([type])")]
    .map((one) => one.outerHTML).concat(window.harmed ? ["harm"] : [])"""

__all__ = ["held"]


def poison(tx: Tx) -> None:
    """Write the harm before every text, behind the backs of those who would refuse it."""
    for table, columns in TEXTS.items():
        for column in columns:
            assert tx.run(
                f"update {table} set {column} = :harm || {column} where {column} is not null", harm=HARM
            )
    for table, column, names in JSON_TEXTS:
        for row in tx.all(f"select id, {column} from {table}"):
            texts = json.loads(row[column])
            harmed = texts | {name: HARM + (texts[name] or "") for name in names or texts}
            tx.run(
                f"update {table} set {column} = :harmed where id = :id",
                harmed=json.dumps(harmed),
                id=row["id"],
            )


async def watched(page: Page) -> Page:
    """A page on which harm leaves a trace."""
    await page.add_init_script("window.harm = () => { window.harmed = true; }")
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    return page


@pytest.mark.parametrize(
    "who", [NOBODY, ASTRID, BO, IDA, ODA, ADMIN], ids=lambda who: who.split("@")[0] or "nobody"
)
async def test_markup_stays_text_on_every_page(site: Site, cast: Cast, held: Held, who: str) -> None:
    site.store.write_now(poison)
    page = await watched(await site.staff(who) if who else await site.visitor())
    read = 0
    for route, lookers in PAGES.items():
        if who not in lookers:
            continue
        answer = await page.goto(site.base + address(route, held, cast))
        assert answer is not None and (answer.status == 200 or route in SAYS_NO), route
        assert await page.evaluate(MADE) == [], route
        read += "onerror=harm()" in await page.locator("body").inner_text()
    assert read or who == IDA  # who only counts reads no names
    site.complaints[:] = [line for line in site.complaints if "404" not in line and "410" not in line]


async def test_markup_stays_text_in_the_room_and_at_the_door(site: Site, cast: Cast, held: Held) -> None:
    site.store.write_now(poison)
    now = site.clock.now
    (talk,) = site.store.read_now(talks.between, cast.astrid, now, now + 3600)
    room = await watched(await site.staff(BO, language="en"))
    elsewhere = await watched(await site.staff(ASTRID, language="en"))
    dag = await watched(await site.visitor(phone=True))
    await room.goto(f"{site.base}/talks/{talk.id}/room")
    await room.get_by_role("button", name="Join", exact=True).click()
    await in_the_call(room)
    await dag.goto(f"{site.base}/j/{held.join}?lang=da")
    await dag.get_by_label("Dit navn").fill(NAME)
    await dag.get_by_role("button", name="Jeg er klar").click()
    await expect(elsewhere.locator("#knocks a")).to_contain_text(NAME)
    await expect(room.locator("[data-knocking]")).to_contain_text(NAME)
    await room.get_by_role("button", name="Let in").click()
    await in_the_call(dag)
    await expect(room.locator("main")).to_contain_text(NAME)
    await room.get_by_text("Is somebody in the room with you?").click()
    await room.locator("[data-company] input[name=company]").fill(NAME)
    await room.locator("[data-company] button").first.click()
    await expect(dag.locator("main")).to_contain_text(NAME)
    await room.locator("[data-finder] article").get_by_role("button", name="Show").first.click()
    await expect(dag.locator("[data-shown] article")).to_contain_text(HARM)
    await expect(room.locator("[data-outcome]")).to_contain_text(HARM)
    for page in (room, elsewhere, dag):
        assert await page.evaluate(MADE) == []
