"""The outcome and the summary in a real browser: kept as it is written, saved in place, printed on one page."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from handover import recording
from handover.cataloguing import find
from handover.domain import join_links, summary_codes
from handover.domain.outcomes import Contact, Decision, Outcome
from handover.presenting import show
from handover.recording import record
from handover.store import links
from handover.web.keys import SECRET
from tests import booked
from tests.booked import Booked
from tests.browser.conftest import Site, axe, overflow, sign_in
from tests.cast import NOW, Cast

PSYCHOLOGIST = "sdb-psykolog.patient"


@pytest.fixture
def ellens(site: Site, cast: Cast) -> Booked:
    talk = site.store.write_now(booked.book, cast)
    for second, offer in enumerate(("sdb-psykolog", "sdb-diaetist")):
        site.store.write_now(show, talk.talk, offer, "everyone", by=cast.bo, now=NOW + second)
    return talk


def saved(site: Site, cast: Cast, talk: str) -> Outcome:
    return site.store.read_now(recording.outcome_of, talk, by=cast.bo)[1]


async def press(page: Page, row: str, name: str) -> None:
    await page.locator(f'[data-row="{row}"]').get_by_role("button", name=name, exact=True).click()


async def kept(page: Page) -> None:
    """Wait until the page says that the draft is kept."""
    await expect(page.locator("[data-draft-said]")).to_contain_text(re.compile("Kept as a draft"))


def words_in_draft(site: Site, cast: Cast, talk: str) -> str:
    draft = site.store.read_now(recording.draft_of, talk, by=cast.bo)
    return draft.outcome.words if draft else ""


async def test_what_is_pressed_and_written_is_there_after_the_session_was_lost(
    site: Site, cast: Cast, ellens: Booked
) -> None:
    page = await site.staff("bo@kommune.example", language="en")
    await page.goto(f"{site.base}/talks/{ellens.talk}/outcome")
    await press(page, PSYCHOLOGIST, "Declined")
    await page.get_by_label("Why? Nobody has to say.").first.select_option("too-far")
    await page.get_by_label("In the patient's own words").fill("Jeg vil hjem til haven.")
    await page.get_by_label("In the patient's own words").blur()
    # The page says "kept" after the first press already; what counts is that the words have arrived.
    async with asyncio.timeout(20):
        while words_in_draft(site, cast, ellens.talk) != "Jeg vil hjem til haven.":
            await asyncio.sleep(0.05)
    again = await site.staff("bo@kommune.example", language="en")
    await again.goto(f"{site.base}/talks/{ellens.talk}/outcome")
    await expect(again.get_by_label("In the patient's own words")).to_have_value("Jeg vil hjem til haven.")
    await expect(again.get_by_label("Why? Nobody has to say.").first).to_have_value("too-far")
    assert saved(site, cast, ellens.talk).version == 0


async def test_saving_draws_the_form_where_it_stands(site: Site, cast: Cast, ellens: Booked) -> None:
    page = await site.staff("bo@kommune.example", language="en")
    await page.goto(f"{site.base}/talks/{ellens.talk}/outcome")
    await page.evaluate("() => { window.stays = true }")
    await press(page, PSYCHOLOGIST, "Wants to think")
    await page.get_by_label("Ask again on").first.fill("2026-12-08")
    await page.get_by_role("button", name="Save outcome").click()
    await expect(page.get_by_text("The outcome is saved.")).to_be_visible()
    assert saved(site, cast, ellens.talk).decisions[0] == Decision(
        "sdb-psykolog", decision="undecided", ask_again="2026-12-08"
    )
    await expect(page.locator("strong.code")).to_have_text(re.compile(r"^\d{4}$"))
    await page.get_by_role("button", name="The patient says yes: Dag Sørensen may see it").click()
    await expect(page.get_by_role("button", name="Make a code")).to_be_visible()
    assert await page.evaluate("() => window.stays")


async def test_two_who_write_at_once_see_both_versions(site: Site, cast: Cast, ellens: Booked) -> None:
    page = await site.staff("bo@kommune.example", language="en")
    await page.goto(f"{site.base}/talks/{ellens.talk}/outcome")
    hers = Outcome(
        decisions=(
            Decision("sdb-psykolog", decision="accepted"),
            Decision("sdb-diaetist", decision="accepted"),
        )
    )
    site.store.write_now(record, ellens.talk, hers, version=0, by=cast.astrid, now=NOW)
    await press(page, PSYCHOLOGIST, "Has it already")
    await page.get_by_role("button", name="Save outcome").click()
    await expect(page.get_by_text("Astrid Lund saved the outcome while you were writing")).to_be_visible()
    await expect(
        page.get_by_role("row", name="Talks with a psychologist Accepted Has it already")
    ).to_be_visible()
    assert saved(site, cast, ellens.talk).version == 1
    await page.get_by_role("button", name="Save outcome").click()
    await expect(page.get_by_text("The outcome is saved.")).to_be_visible()
    decisions = {one.offer: one.decision for one in saved(site, cast, ellens.talk).decisions}
    assert decisions == {"sdb-psykolog": "has-already", "sdb-diaetist": "accepted"}


async def test_a_row_for_a_relative_is_added_without_losing_a_letter(
    site: Site, cast: Cast, ellens: Booked
) -> None:
    page = await site.staff("bo@kommune.example", language="en")
    await page.goto(f"{site.base}/talks/{ellens.talk}/outcome")
    await page.get_by_label("In the patient's own words").fill("Haven")
    row = page.locator(f'[data-row="{PSYCHOLOGIST}"]')
    await row.get_by_text("For somebody else too").click()
    await row.get_by_role("button", name="For a relative").click()
    await press(page, "sdb-psykolog.relative", "Accepted")
    await expect(page.get_by_label("In the patient's own words")).to_have_value("Haven")
    await page.get_by_role("button", name="Save outcome").click()
    await expect(page.get_by_text("The outcome is saved.")).to_be_visible()
    assert saved(site, cast, ellens.talk).of("sdb-psykolog", "relative") is not None


async def test_who_signs_in_again_in_another_tab_loses_nothing(
    site: Site, cast: Cast, ellens: Booked
) -> None:
    page = await site.staff("bo@kommune.example", language="en")
    await page.goto(f"{site.base}/talks/{ellens.talk}/outcome")
    other = await page.context.new_page()
    await page.context.clear_cookies()
    await page.get_by_label("In the patient's own words").fill("Før")
    await page.get_by_label("In the patient's own words").blur()
    await expect(page.locator("[data-draft-said]")).to_contain_text("You have been signed out")
    await sign_in(other, site.base, "bo@kommune.example", "en")
    await page.get_by_label("In the patient's own words").fill("Før og efter")
    await page.get_by_label("In the patient's own words").blur()
    await kept(page)
    draft = site.store.read_now(recording.draft_of, ellens.talk, by=cast.bo)
    assert draft is not None and draft.outcome.words == "Før og efter"
    refused = [one for one in site.complaints if "401" in one or "403" in one]
    assert site.complaints == refused  # the browser's own lines about the lost session, and nothing else
    site.complaints.clear()


def a_full_outcome(site: Site, cast: Cast, accepted: int) -> Outcome:
    offers = site.store.read_now(find, municipality="0540")
    yes = tuple(Decision(offer.id, decision="accepted") for offer in offers[:accepted])
    think = tuple(
        Decision(offer.id, decision="undecided", ask_again="2026-12-08")
        for offer in offers[accepted : accepted + 3]
    )
    return Outcome(
        decisions=yes + think,
        contact=Contact(account=cast.bo.actor),
        follow_up_on="2026-12-10",
        words="Jeg vil gerne hjem til haven, og jeg vil helst ikke køre langt for at være sammen med andre.",
    )


@pytest.mark.parametrize("accepted", [0, 2, 4, 7, 9, 16])
async def test_summary_prints_on_exactly_one_page(
    site: Site, cast: Cast, ellens: Booked, accepted: int
) -> None:
    outcome = a_full_outcome(site, cast, accepted)
    site.store.write_now(record, ellens.talk, outcome, version=0, by=cast.bo, now=NOW)
    page = await site.staff("bo@kommune.example")
    await page.goto(f"{site.base}/talks/{ellens.talk}/summary")
    await expect(page.locator("article.sheet li")).to_have_count(accepted)
    pdf = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


async def test_patient_opens_the_summary_on_a_phone(site: Site, cast: Cast, ellens: Booked) -> None:
    site.store.write_now(record, ellens.talk, a_full_outcome(site, cast, 3), version=0, by=cast.bo, now=NOW)
    link = site.store.read_now(links.of_participant, "summary", ellens.ellen)
    assert link is not None
    key = site.app[SECRET]
    page = await site.visitor(phone=True)
    await page.goto(f"{site.base}/summary/{join_links.token(key, 'summary', link['id'], link['generation'])}")
    assert await axe(page) == []
    await page.fill("input[name=code]", summary_codes.code(key, link))
    await page.click("button.primary")
    await expect(page.locator("article.sheet li")).to_have_count(3)
    assert await axe(page) == []
    assert await overflow(page) <= 0
    pdf = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


@pytest.mark.parametrize("phone", [False, True])
async def test_everybody_can_use_the_pages(site: Site, cast: Cast, ellens: Booked, phone: bool) -> None:
    page = await site.staff("bo@kommune.example", phone=phone)
    address = f"{site.base}/talks/{ellens.talk}"

    async def look(path: str) -> list[Any]:
        await page.goto(path)
        return [*await axe(page), *([f"too wide: {path}"] if await overflow(page) > 0 else [])]

    assert await look(f"{address}/outcome") == []
    site.store.write_now(record, ellens.talk, a_full_outcome(site, cast, 3), version=0, by=cast.bo, now=NOW)
    for path in ("/outcome", "/summary", "/outcome/text"):
        assert await look(address + path) == []
    for path in ("/offers", "/offers?municipality=0540", "/offers/sdb-genoptraening"):
        assert await look(site.base + path) == []
    guest = await site.visitor(phone=phone)
    for path in ("/offers?municipality=Nowhere", "/offers/no-likeperson"):
        await guest.goto(site.base + path)
        assert await axe(guest) == []
        assert await overflow(guest) <= 0


async def test_text_for_the_record_is_copied_with_one_press(site: Site, cast: Cast, ellens: Booked) -> None:
    site.store.write_now(record, ellens.talk, a_full_outcome(site, cast, 1), version=0, by=cast.bo, now=NOW)
    page = await site.staff("bo@kommune.example", language="en")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(f"{site.base}/talks/{ellens.talk}/outcome/text")
    await page.get_by_role("button", name="Copy the text").click()
    await expect(page.get_by_text("Copied. Paste it into the record.")).to_be_visible()
    assert (
        await page.evaluate("() => navigator.clipboard.readText()")
        == await page.locator("textarea").input_value()
    )
