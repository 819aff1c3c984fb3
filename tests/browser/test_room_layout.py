"""Every control can be pressed, on a phone held either way, with all that may stand on it; and who is shown large."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from handover.domain.bookings import Guest
from tests.browser.calls import sees_moving_pictures
from tests.browser.conftest import Site, overflow, until
from tests.browser.rooms import DAG, axe_at_the_end, book_ellens_talk, guest_inside, said_to, staff_inside
from tests.cast import Cast

UPRIGHT, ON_ITS_SIDE = {"width": 360, "height": 640}, {"width": 640, "height": 360}
# Each button of the row that is too small, out of sight, or under something else.
OUT_OF_REACH = """() => [...document.querySelectorAll('[data-controls] button:not([hidden])')].filter((button) => {
    const {left, top, right, bottom, width, height} = button.getBoundingClientRect();
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const outside = left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
    return !button.contains(hit) || outside || width < 56 || height < 56;
}).map((button) => button.textContent)"""
# How much of the large picture is in sight above the controls, as a share of the window's height: a quarter at least.
IN_SIGHT = """() => { const {top, bottom} = document.querySelector('.tile.lead').getBoundingClientRect();
    const edge = document.querySelector('[data-controls]').getBoundingClientRect().top;
    return (Math.min(bottom, edge) - Math.max(top, 0)) / innerHeight }"""
# By how much the row of controls covers the end of the page when it is scrolled there.
COVERED = """() => { scrollTo(0, document.documentElement.scrollHeight);
    const last = document.querySelector('.panel').getBoundingClientRect().bottom;
    return last - document.querySelector('[data-controls]').getBoundingClientRect().top }"""
NAMES = "() => [...document.querySelectorAll('.tile .who')].map((who) => who.textContent)"
LARGE = """async ([address, roster, me, now]) => {
    const { largeOnes } = await import(address);
    const plain = { sharing: false, signing: false, speaks_for: '' };
    return largeOnes(roster.map((one) => ({ ...plain, ...one })), me, now);
}"""


async def usable(page: Page) -> dict[str, Any]:
    """What is wrong with the room in this window."""
    # A line of text that has just come is still being scrolled to; the top of the page is what is looked at.
    await until(page, f"() => {{ scrollTo(0, 0); return ({IN_SIGHT})() >= 0.25 }}")
    wrong: dict[str, Any] = {}
    if out := await page.evaluate(OUT_OF_REACH):
        wrong["out of reach"] = out
    if (wider := await overflow(page)) > 0:
        wrong["wider than the window"] = wider
    if (covered := await page.evaluate(COVERED)) > 1:
        wrong["covered"] = covered
    if page.viewport_size == UPRIGHT and (found := await axe_at_the_end(page)):
        wrong["axe"] = found
    return wrong


async def test_the_room_can_be_used_on_a_phone_held_either_way(site: Site, cast: Cast) -> None:
    leyla = Guest("interpreter", "Leyla Demir", "leyla@example.org", language="da")
    talk = book_ellens_talk(site, cast, DAG, leyla)
    bo = await staff_inside(site, talk, "bo@kommune.example", phone=True)
    interpreter = await guest_inside(bo, site, talk, "Leyla")
    dag = await guest_inside(bo, site, talk, "Dag")
    astrid = await staff_inside(site, talk, "astrid@ward.example")
    for page in (bo, dag, interpreter, astrid):
        await sees_moving_pictures(page, 3)
    # Ellen sits at the ward: her interpreter's tile comes right after it, although Leyla was here first.
    assert await dag.evaluate(NAMES) == ["Dig", "Bo Madsen", "Astrid Lund", "Leyla Demir"]
    await astrid.close()
    found = {}
    for name, page in (("staff", bo), ("guest", dag)):
        for way, size in (("upright", UPRIGHT), ("on its side", ON_ITS_SIDE)):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            found[f"{name}, {way}"] = await usable(page)
    await interpreter.locator("[data-control=sign]").click()
    await interpreter.locator("[data-control=hand]").click()
    await dag.get_by_role("group", name="Leyla Demir").locator("[data-hand]").wait_for()
    words = {
        "line": 1,
        "done": False,
        "text": "Det her er en linje, der er lang nok til at fylde mere end en række.",
    }
    await said_to(dag, "text", {"of": "interpreter", **words})
    await said_to(dag, "peer", {"of": "nurse", "state": "relaying", "sending": True, "receiving": True})
    for way, size in (("on its side", ON_ITS_SIDE), ("upright", UPRIGHT)):
        await dag.set_viewport_size(size)  # type: ignore[arg-type]
        found[f"everything at once, {way}"] = await usable(dag)
    assert {case: wrong for case, wrong in found.items() if wrong} == {}


async def test_who_is_large_follows_the_rule(site: Site) -> None:
    page = await site.visitor()
    await page.goto(f"{site.base}/help")
    sheet = await page.get_attribute("link[rel=stylesheet]", "href")
    assert sheet is not None
    rule = sheet.replace("css/handover.css", "ui/arrangement.js")
    ward, nurse, dag = ({"participant": one, "role": one} for one in ("ward", "nurse", "relative"))
    leyla = {"participant": "leyla", "role": "interpreter"}
    for_ellen = {**leyla, "speaks_for": "ellen"}  # who sits at the ward's camera and has no device
    signs = {"signing": True}
    all_four = [ward, nurse, dag, for_ellen]
    cases: list[tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any], list[str]]] = [
        ([ward, nurse, dag], dag, {}, ["nurse"]),
        ([ward, nurse, dag], dag, {"speaking": "ward"}, ["ward"]),
        ([ward, nurse, dag], dag, {"speaking": "nurse", "pinned": "ward"}, ["ward"]),
        ([ward, nurse, dag], nurse, {}, ["ward"]),
        ([nurse], nurse, {}, []),
        (all_four, dag, {}, ["nurse"]),
        (all_four, dag, {"speaking": "ward"}, ["ward", "leyla"]),
        (all_four, nurse, {"speaking": "leyla"}, ["leyla", "ward"]),
        (all_four, ward, {}, ["nurse", "leyla"]),
        (all_four, ward, {"speaking": "leyla"}, ["nurse", "leyla"]),
        (all_four, ward, {"speaking": "relative"}, ["relative", "leyla"]),
        ([ward, nurse, {**dag, **signs}], nurse, {}, ["relative", "ward"]),
        ([ward, nurse, {**dag, **signs}], dag, {}, ["nurse"]),
        (
            [{**ward, **signs}, nurse, dag, {**leyla, **signs}],
            nurse,
            {"speaking": "relative"},
            ["ward", "leyla"],
        ),
        ([{**nurse, "sharing": True}, ward, dag], dag, {"speaking": "ward"}, ["nurse"]),
        ([{**nurse, "sharing": True}, ward, dag, {**leyla, **signs}], dag, {}, ["nurse", "leyla"]),
        ([{**nurse, "sharing": True}, ward, dag], dag, {"pinned": "ward"}, ["nurse", "ward"]),
    ]
    told = [await page.evaluate(LARGE, [rule, roster, me, now]) for roster, me, now, _ in cases]
    assert told == [large for *_, large in cases]
