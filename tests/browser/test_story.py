"""The whole story in Chromium, in Danish: book, mail, meet, show, record, take home, count."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from tests.bookings import TEN
from tests.browser.calls import in_the_call, sees_moving_pictures
from tests.browser.conftest import Site, axe, overflow, until
from tests.stories.conftest import calendar_of, link_in, text_of

REHABILITATION, PSYCHOLOGIST = "Genoptræning på sundhedscenteret", "Samtaler med psykolog"


async def clean(page: Page) -> None:
    """Nothing for axe to find, nothing wider than the window."""
    assert (page.url, await axe(page), await overflow(page)) == (page.url, [], 0)


async def books(astrid: Page) -> str:
    """The ward nurse books Tuesday at ten with Bo; the talk's address."""
    await astrid.get_by_role("button", name="Book en samtale").click()
    await astrid.fill("[name=municipality]", "Sønderborg")
    await astrid.locator("[name=programme]").select_option(label="Kræft")
    await astrid.fill("[name='patient.initials']", "EH")
    await astrid.fill("[name='patient.reference']", "HO-17")
    await astrid.fill("[name='patient.name']", "Ellen Holm")
    await astrid.fill("[name='patient.phone']", "+45 20 11 22 33")
    await astrid.fill("[name='patient.email']", "ellen@post.example")
    await astrid.get_by_label("Træthed", exact=True).check()
    await astrid.fill("[name='participants.0.name']", "Dag Holm")
    await astrid.fill("[name='participants.0.email']", "dag@post.example")
    await astrid.get_by_label("Patienten har sagt ja").check()
    await clean(astrid)
    await astrid.get_by_role("button", name="Find en tid").click()
    await astrid.locator("[name=nurse]").select_option(label="Bo Madsen")
    await astrid.locator(f"input[name=start][value='{TEN}']").check()
    await clean(astrid)
    await astrid.get_by_role("button", name="Tjek", exact=True).click()
    await expect(astrid.locator("main")).to_contain_text("tirsdag den 1. december kl. 10.00–10.30")
    await clean(astrid)
    await astrid.get_by_role("button", name="Book", exact=True).click()
    await astrid.wait_for_url(re.compile(r"/talks/[a-z2-7]{26}"))
    await clean(astrid)
    return astrid.url.split("?")[0]


async def figures(ida: Page, base: str) -> list[str]:
    """The three shares of the working view, as the page says them."""
    await ida.goto(f"{base}/evaluation?from=2026-11&to=2026-12")
    await clean(ida)
    return re.findall(r"\d+ af \d+", await ida.inner_text("main"))[:3]


async def test_the_main_job_from_booking_to_figures(site: Site) -> None:
    astrid = await site.staff("astrid@ward.example")
    talk = await books(astrid)
    await until(astrid, "() => true")
    for address in ("bo@kommune.example", "dag@post.example", "ellen@post.example"):
        while not site.mail_to(address):
            await astrid.wait_for_timeout(50)
    (to_bo,), (to_dag,) = site.mail_to("bo@kommune.example"), site.mail_to("dag@post.example")
    assert "METHOD:REQUEST" in calendar_of(to_dag)
    assert "Ellen" not in text_of(to_bo) + calendar_of(to_bo) + text_of(to_dag) + calendar_of(to_dag)

    ida = await site.staff("ida@kommune.example")
    assert await figures(ida, site.base) == []
    site.clock.now = TEN - 300
    await (astrid := await site.staff("astrid@ward.example")).goto(f"{talk}/room")
    await (bo := await site.staff("bo@kommune.example")).goto(site.base + link_in(to_bo, "/talks/"))
    for staff in (astrid, bo):
        await clean(staff)
        await staff.get_by_role("button", name="Deltag", exact=True).click()
        await in_the_call(staff)
    dag = await site.visitor(phone=True)
    await dag.goto(site.base + link_in(to_dag, "/j/"))
    await clean(dag)
    await dag.get_by_role("button", name="Jeg er klar").click()
    await bo.get_by_role("button", name="Luk ind").click()
    for page in (astrid, bo, dag):
        await sees_moving_pictures(page, 2)

    for offer in (REHABILITATION, PSYCHOLOGIST):
        card = bo.locator("[data-finder] article", has_text=offer)
        await card.get_by_role("button", name="Vis", exact=True).click()
        await dag.locator("[data-shown] article", has_text=offer).wait_for()
    assert await dag.locator("[data-shown] h3").all_inner_texts() == [PSYCHOLOGIST, REHABILITATION]

    panel = bo.locator("[data-outcome]")
    rehabilitation, psychologist = (
        panel.locator("[data-row]", has=bo.get_by_role("heading", name=offer))
        for offer in (REHABILITATION, PSYCHOLOGIST)
    )
    await (
        rehabilitation.get_by_role("button", name="Sagt ja tak")
        .or_(rehabilitation.locator("button[value$=':accepted']"))
        .first.click()
    )
    await psychologist.locator("button[value$=':undecided']").click()
    await panel.locator("[name^='ask-sdb-psykolog']").fill("2026-12-15")
    await clean(bo)
    await panel.get_by_role("button", name="Gem").click()
    await expect(panel).to_contain_text("gemt", ignore_case=True)
    await sees_moving_pictures(bo, 2)
    for page in (dag, bo, astrid):
        await page.get_by_role("button", name="Forlad samtalen").click()
        await until(page, "() => document.documentElement.dataset.phase === 'over'")

    site.clock.now = TEN + 3600
    await (ida := await site.staff("ida@kommune.example")).goto(f"{site.base}/evaluation")
    assert await figures(ida, site.base) == ["1 af 1", "1 af 1", "1 af 1"]

    bo = await site.staff("bo@kommune.example")
    await bo.goto(f"{talk}/summary")
    await clean(bo)
    printed = await bo.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    sheet = await bo.inner_text("body")
    assert [told for told in (REHABILITATION, "Bo Madsen", "112") if told not in sheet] == []
