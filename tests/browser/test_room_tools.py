"""What people do in the room beside talking: hands, signing, a shared screen, a word to those who wait, the end."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

from handover.domain.bookings import Guest
from handover.domain.talks import Talk
from tests.browser.calls import in_the_call, sees_moving_pictures
from tests.browser.conftest import Site, axe, until
from tests.browser.rooms import (
    DAG,
    SPEAK,
    axe_at_the_end,
    book_ellens_talk,
    guest_inside,
    guest_waiting,
    hears_again,
    link_of,
    said_to,
    staff_inside,
)
from tests.cast import Cast

LARGE = "() => [...document.querySelectorAll('.tile.big .who')].map((who) => who.textContent).sort()"
# A window twice as wide as high, as no camera's picture is.
SCREEN = """
navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 800, height: 400 });
  const draw = canvas.getContext("2d");
  let frame = 0;
  setInterval(() => { draw.fillStyle = frame++ % 2 ? "white" : "black"; draw.fillRect(0, 0, 800, 400); }, 100);
  return canvas.captureStream(10);
};
"""
SHAPE = """(name) => {
    const tile = [...document.querySelectorAll('.tile')].find((one) => one.ariaLabel.startsWith(name));
    const video = tile.querySelector('video');
    return video.videoWidth / video.videoHeight;
}"""


async def test_what_three_people_do_beside_talking(site: Site, cast: Cast) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example", SCREEN, SPEAK)
    astrid = await staff_inside(site, talk, "astrid@ward.example")
    dag = await guest_inside(bo, site, talk, "Dag")
    three = (astrid, bo, dag)
    await expect(astrid.locator("[data-announce]")).to_have_text("Dag Hansen has come in.")
    for page in three:
        await sees_moving_pictures(page, 2)
    await _all_see_a_hand(*three)
    await _who_speaks_is_seen_and_not_read_aloud(dag)
    await _who_signs_or_is_pinned_is_large(bo, dag)
    await _all_have_the_same_check_code(*three)
    await _a_shared_screen_is_seen_whole(*three)
    await _all_leave_when_a_host_ends_it(*three)


async def _all_see_a_hand(astrid: Page, bo: Page, dag: Page) -> None:
    await dag.get_by_role("button", name="Ræk hånden op").click()
    await expect(dag.locator(".tile.self [data-hand]")).to_be_visible()
    for staff in (astrid, bo):
        await expect(staff.get_by_role("group", name="Dag Hansen")).to_contain_text("Hand raised")
        listed = staff.locator("[data-people] li", has_text="Dag Hansen, Relative, Son")
        await expect(listed).to_contain_text("Hand raised")
        await expect(staff.locator("[data-hands]")).to_have_text("Hand raised: Dag Hansen")
        await expect(staff.locator("[data-announce]")).to_have_text("Hand raised: Dag Hansen")
    assert await axe(bo) == []
    await dag.get_by_role("button", name="Tag hånden ned").click()
    await expect(bo.locator("[data-hands]")).to_be_hidden()


async def _who_speaks_is_seen_and_not_read_aloud(dag: Page) -> None:
    """Bo speaks all the time: bars move, and a word says so to whoever cannot see them."""
    speaker = dag.get_by_role("group", name="Bo Madsen")
    await until(
        dag,
        "() => document.querySelector('.tile:not(.self).speaking .level[data-level]:not([data-level=\"0\"])')",
    )
    await expect(speaker.locator("[data-speaking]")).to_have_text("taler")
    assert await speaker.locator("[aria-live], [role=status]").count() == 0


async def _who_signs_or_is_pinned_is_large(bo: Page, dag: Page) -> None:
    assert await bo.evaluate(LARGE) == ["Astrid Lund"]
    await dag.get_by_role("button", name="Jeg bruger tegnsprog").click()
    await until(bo, f"() => ({LARGE})().length === 2")
    assert await bo.evaluate(LARGE) == ["Astrid Lund", "Dag Hansen"]
    assert await axe(bo) == []
    await dag.get_by_role("button", name="Jeg bruger tegnsprog").click()
    await until(bo, f"() => ({LARGE})().length === 1")
    pin = bo.get_by_role("button", name="Show Dag Hansen large")
    for pressed, large in (("true", "Dag Hansen"), ("false", "Astrid Lund")):
        await pin.press("Enter")
        await expect(pin).to_have_attribute("aria-pressed", pressed)
        assert await bo.evaluate(LARGE) == [large]


async def _all_have_the_same_check_code(*pages: Page) -> None:
    codes = set()
    for page in pages:
        code = page.locator("[data-code-digits]")
        await expect(code).to_have_text(re.compile(r"^\d{4} \d{4}$"))
        codes.add(str(await code.text_content()))
    assert len(codes) == 1
    dag = pages[-1]
    await said_to(dag, "code", {"code": "1234 5678", "trusted": False})
    await expect(dag.get_by_role("alert").filter(has_text="lytter med undervejs")).to_be_visible()
    assert await axe_at_the_end(dag) == []
    await said_to(dag, "code", {"code": codes.pop(), "trusted": True})
    await hears_again(dag)


async def _a_shared_screen_is_seen_whole(astrid: Page, bo: Page, dag: Page) -> None:
    assert await dag.locator("[data-control=share], [data-end], [data-notify]").count() == 0
    await bo.get_by_role("button", name="Share screen").click()
    for page in (astrid, dag):
        shown = page.get_by_role("group", name="Bo Madsen")
        await expect(shown).to_have_class(re.compile(r"\bbig\b.*\bwhole\b|\bwhole\b.*\bbig\b"))
        await until(page, f"() => ({SHAPE})('Bo Madsen') === 2")
        assert await shown.locator("video").evaluate("one => getComputedStyle(one).objectFit") == "contain"
    await expect(dag.get_by_role("group", name="Bo Madsen")).to_contain_text("deler skærm")
    await bo.get_by_role("button", name="Stop sharing").click()
    await until(dag, f"() => ({SHAPE})('Bo Madsen') < 1.5")
    await expect(dag.locator(".tile.whole")).to_have_count(0)


async def _all_leave_when_a_host_ends_it(*pages: Page) -> None:
    bo, dag = pages[1:]
    await bo.get_by_role("button", name="End for all").click()
    question = bo.get_by_role("dialog", name="End the conversation for everybody?")
    await question.wait_for()
    assert await axe(bo) == []
    await question.get_by_role("button", name="Go on talking").click()
    await sees_moving_pictures(dag, 2)
    await bo.get_by_role("button", name="End for all").click()
    await question.get_by_role("button", name="Yes, end it").click()
    for page in pages:
        await until(page, "() => document.documentElement.dataset.phase === 'over'")
    await expect(dag.locator("[data-over-title]")).to_have_text("Samtalen er slut")


async def test_those_who_wait_read_a_message_in_their_own_language(site: Site, cast: Cast) -> None:
    kari = Guest("other", "Kari Nordmann", "kari@example.org", language="nb")
    talk: Talk = book_ellens_talk(site, cast, DAG, kari)
    bo = await staff_inside(site, talk, "bo@kommune.example")
    dag = await guest_waiting(site, talk, "Dag")
    notice = dag.get_by_role("status").locator("[data-notice]")
    await expect(notice).to_be_hidden()
    await bo.get_by_text("Write to those who wait").click()
    await bo.get_by_role("button", name="We are a few minutes late.").click()
    await expect(notice).to_have_text("Vi er et par minutter forsinket. Du behøver ikke gøre noget.")
    await expect(bo.locator("[data-notify] [data-message-told]")).to_contain_text(
        "We are a few minutes late."
    )
    assert (await axe(dag), await axe(bo)) == ([], [])
    later = await site.visitor(language="nb")
    await later.goto(link_of(site, talk, "Kari"))
    await later.get_by_role("button", name="Jeg er klar").click()
    await expect(later.locator("[data-notice]")).to_have_text(
        "Vi er noen minutter forsinket. Du trenger ikke gjøre noe."
    )
    await bo.get_by_role("button", name="Please ring the ward on").click()
    await expect(notice).to_have_text(f"Ring venligst til afdelingen på {talk.ward_phone}.")
    await bo.get_by_role("button", name="Let in").first.click()
    await in_the_call(dag)
    await expect(notice).to_be_hidden()
