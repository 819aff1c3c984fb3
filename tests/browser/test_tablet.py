"""The ward's tablet from the code to the empty page, and somebody who is rung, in real browsers."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from handover import presenting
from handover.store import links
from handover.web.keys import SECRET
from handover.web.qr import qr
from tests.booked import STARTS_AT, Booked, book, join_token
from tests.browser.calls import in_the_call, sees_moving_pictures
from tests.browser.conftest import Site, axe, overflow, until
from tests.cast import NOW, Cast


@pytest.fixture
def talk(site: Site, cast: Cast) -> Booked:
    """Ellen's talk with Dag invited; it is ten minutes before."""
    site.clock.now = STARTS_AT - 600
    made = site.store.write_now(book, cast)
    site.store.write_now(links.ensure, "join", made.talk, made.dag, now=NOW)
    return made


async def enters(page: Page, site: Site, talk: Booked) -> None:
    await page.goto(f"{site.base}/talks/{talk.talk}/room")
    await page.get_by_role("button", name="Join", exact=True).click()
    await in_the_call(page)


async def test_a_tablet_comes_by_the_code_stays_in_and_leaves_nothing_behind(
    site: Site, cast: Cast, talk: Booked
) -> None:
    astrid = await site.staff("astrid@ward.example", language="en")
    await enters(astrid, site, talk)
    async with astrid.context.expect_page() as opened:
        await astrid.get_by_role("button", name="Use the ward's tablet").click()
    code = await opened.value
    await code.get_by_text("It knocks like everybody else").wait_for()
    address = await code.inner_text(".address")
    assert await code.get_attribute("img.qr", "src") == qr(address)
    assert (await axe(code), await overflow(code)) == ([], 0)
    await code.close()

    for offer, audience in (("sdb-psykolog", "everyone"), ("sdb-diaetist", "patient-and-ward")):
        site.store.write_now(presenting.show, talk.talk, offer, audience, by=cast.bo, now=NOW)  # type: ignore[arg-type]
    tablet = await site.visitor(language="nb")
    await tablet.goto(address)
    await until(tablet, "() => !document.querySelector('.preview video').hidden")
    assert await tablet.locator("a[href*='/talks'], a[href^='/outbox'], [data-outcome]").count() == 0
    assert (await axe(tablet), await overflow(tablet)) == ([], 0)
    await tablet.get_by_role("button", name="Gå ind").click()  # the ward's language, not the browser's
    knock = astrid.locator("[data-knock]")
    await expect(knock).to_contain_text("The ward's tablet")
    await knock.get_by_role("button", name="Let in").click()
    for page in (astrid, tablet):
        await sees_moving_pictures(page, 1)
    await expect(tablet.locator("[data-shown] article")).to_have_count(1)
    assert [one["name"] for one in await tablet.context.cookies() if one["name"] == "session"] == []

    await tablet.reload()  # let in once: it stays so
    await tablet.get_by_role("button", name="Gå ind").click()
    await in_the_call(tablet)
    assert (await axe(tablet), await overflow(tablet)) == ([], 0)
    await tablet.get_by_role("button", name="Forlad").click()
    await tablet.wait_for_url(f"{site.base}/tablet")
    await until(astrid, "() => document.querySelectorAll('video[data-participant]').length === 0")
    assert (await axe(tablet), await tablet.locator("a:not(.skip), video").count()) == ([], 0)
    await tablet.goto(address)  # the next patient finds the address: a person has to let them in again
    await tablet.get_by_role("button", name="Gå ind").click()
    await until(tablet, "() => document.documentElement.dataset.phase === 'waiting'")


async def test_whoever_is_rung_is_seen_by_everybody_and_counted_until_somebody_says_otherwise(
    site: Site, talk: Booked
) -> None:
    astrid = await site.staff("astrid@ward.example", language="en")
    await enters(astrid, site, talk)
    ellen = await site.visitor(phone=True)
    await ellen.goto(
        f"{site.base}/j/{site.store.write_now(join_token, site.app[SECRET], talk.talk, talk.ellen)}"
    )
    await ellen.get_by_role("button", name="Jeg er klar").click()
    await astrid.get_by_role("button", name="Let in").click()
    await in_the_call(ellen)

    absent = astrid.locator("[data-absent] li")
    await expect(absent).to_have_count(2)  # Bo and Dag: Ellen has come
    dag = absent.filter(has_text="Dag Sørensen")
    await expect(dag.locator("a")).to_have_attribute("href", "tel:+4790909090")
    await dag.get_by_role("button").click()
    await expect(dag.get_by_role("button")).to_have_text("No longer on the phone")
    for page, words in ((astrid, "Dag Sørensen, on the phone"), (ellen, "Dag Sørensen, på telefon")):
        await expect(page.locator("[data-on-phone]")).to_contain_text(words)
    present = astrid.get_by_label("Dag Sørensen").and_(astrid.locator("[name=present]"))
    await expect(present).to_be_checked()
    assert (await axe(astrid), await overflow(astrid)) == ([], 0)

    await ellen.reload()  # who comes later is told too
    await ellen.get_by_role("button", name="Jeg er klar").click()
    await expect(ellen.locator("[data-on-phone]")).to_contain_text("på telefon")

    await present.uncheck()
    bo = absent.filter(has_text="Bo Madsen")
    await bo.get_by_role("button").click()
    await expect(astrid.locator(f"[name=present][value='{talk.bo}']")).to_be_checked()
    await expect(present).not_to_be_checked()  # somebody has said so
    await dag.get_by_role("button").click()
    await expect(ellen.locator("[data-on-phone]")).not_to_contain_text("Dag")
