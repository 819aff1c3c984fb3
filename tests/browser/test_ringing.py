"""Whose line is lost is rung: the number stands in the room while the seat is kept, and the phone ends by itself."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.calls import sees_moving_pictures
from tests.browser.conftest import Site, axe
from tests.browser.rooms import book_ellens_talk, guest_inside, said_to, staff_inside
from tests.cast import Cast

# What is measured on a busy machine would say that the line works; here only the test says how it is.
NOTHING_IS_MEASURED = """
const tell = EventTarget.prototype.dispatchEvent;
EventTarget.prototype.dispatchEvent = function (event) {
  return event.type === "quality" && !event.detail.said ? true : tell.call(this, event);
};
"""


async def test_whose_line_is_lost_is_rung_until_it_is_back(site: Site, cast: Cast) -> None:
    talk = book_ellens_talk(site, cast)
    bo = await staff_inside(site, talk, "bo@kommune.example", NOTHING_IS_MEASURED)
    dag = await guest_inside(bo, site, talk, "Dag", NOTHING_IS_MEASURED)
    await sees_moving_pictures(bo, 1)
    line = bo.locator("[data-absent] li").filter(has_text="Dag Hansen")
    await expect(bo.locator("[data-absent] li").filter(has_text="Astrid Lund")).to_be_visible()
    await expect(line).to_have_count(0)

    await said_to(bo, "peer", {"of": "relative", "state": "lost", "sending": False, "receiving": False})
    await expect(line).to_contain_text("no connection")
    await expect(line.get_by_role("link")).to_have_attribute("href", "tel:+4522334455")
    assert await axe(bo) == []
    await line.get_by_role("button", name="On the phone: Dag Hansen").click()
    await expect(line.get_by_role("button")).to_have_text("No longer on the phone")
    for page, told in ((bo, "Dag Hansen, on the phone"), (dag, "Dag Hansen, på telefon")):
        await expect(page.locator("[data-on-phone] li")).to_have_text(told)

    # Another attempt is not yet a line; sound that is measured is.
    await said_to(bo, "peer", {"of": "relative", "state": "sound-only", "sending": False, "receiving": False})
    await said_to(bo, "quality", {"of": "relative", "level": "lost", "rtt": 0, "loss": 0, "said": True})
    await expect(line.get_by_role("button")).to_have_text("No longer on the phone")
    await said_to(bo, "quality", {"of": "relative", "level": "fair", "rtt": 300, "loss": 0, "said": True})
    await expect(line).to_have_count(0)
    for page in (bo, dag):
        await expect(page.locator("[data-on-phone] li")).to_have_count(0)
