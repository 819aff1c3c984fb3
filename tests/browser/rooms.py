"""What tests of the room share: Ellen's talk, the links into it, coming in, and a hand on what the page holds."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from handover import booking
from handover.domain import join_links
from handover.domain.bookings import ConsentGiven, Guest, PatientFacts, Wanted
from handover.domain.talks import Talk
from handover.store import links
from handover.store.engine import Tx
from handover.web.keys import SECRET
from tests.browser.calls import in_the_call
from tests.browser.conftest import Site, axe, until
from tests.cast import NOW, Cast

expect.set_options(timeout=20_000)  # several browsers share a small machine

TEN = NOW + 26 * 3600 + 30 * 60  # Tuesday at ten
DAG = Guest("relative", "Dag Hansen", "dag@example.org", phone="+45 22 33 44 55", relation="son")

# Lets a test say to the page what the network would, and no longer hear what it says itself.
HOLD_THE_ROOM = """
const dispatch = EventTarget.prototype.dispatchEvent;
EventTarget.prototype.dispatchEvent = function (event) {
  if (event.type === "roster") window.room = this;
  if (event.type === "change") window.media ??= this;
  const ofTheLine = ["peer", "quality", "code", "roster"].includes(event.type) && this === window.room;
  return window.deaf && ofTheLine && !event.test || dispatch.call(this, event);
};
"""
# Somebody who speaks all the time.
SPEAK = """
const context = new AudioContext();
addEventListener("click", () => context.resume());
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  if (wanted.audio) {
    const out = context.createMediaStreamDestination();
    const voice = new OscillatorNode(context, { frequency: 300 });
    voice.connect(new GainNode(context, { gain: 0.5 })).connect(out);
    voice.start();
    for (const track of stream.getAudioTracks()) { track.stop(); stream.removeTrack(track); }
    stream.addTrack(out.stream.getAudioTracks()[0]);
  }
  return stream;
};
"""


def book_ellens_talk(site: Site, cast: Cast, *guests: Guest) -> Talk:
    """Ellen's talk on Tuesday at ten, with Dag invited; it is five to ten."""
    wanted = Wanted(
        "0540",
        TEN,
        "cancer",
        "da",
        PatientFacts("EH", "SJ-1001", "Ellen Hansen", "+45 20 11 22 33"),
        (ConsentGiven("municipality", True, "spoken", "Astrid Lund"),),
        nurse=cast.bo.actor,
        themes=("fatigue",),
        participants=guests or (DAG,),
    )
    booked = site.store.write_now(booking.book, wanted, by=cast.astrid, now=NOW)
    site.clock.now = TEN - 300
    return booked


def link_of(site: Site, talk: Talk, name: str) -> str:
    """Where a guest's link leads."""
    guest = next(person for person in talk.participants if person.name.startswith(name))

    def token(tx: Tx) -> str:
        row = links.of_participant(tx, "join", guest.id)
        assert row is not None
        return join_links.token(site.app[SECRET], "join", row["id"], row["generation"])

    return f"{site.base}/j/{site.store.read_now(token)}"


async def staff_inside(site: Site, talk: Talk, email: str, *scripts: str, phone: bool = False) -> Page:
    """Somebody of the staff, reading English, in the room."""
    page = await site.staff(email, language="en", phone=phone)
    for script in (HOLD_THE_ROOM, *scripts):
        await page.add_init_script(script)
    await page.goto(f"{site.base}/talks/{talk.id}/room")
    await page.get_by_role("button", name="Join", exact=True).click()
    await in_the_call(page)
    return page


async def guest_waiting(site: Site, talk: Talk, name: str, *scripts: str, **options: Any) -> Page:
    """A guest with a phone, reading Danish, who has knocked or is in already."""
    page = await site.visitor(phone=True, **options)
    for script in (HOLD_THE_ROOM, *scripts):
        await page.add_init_script(script)
    await page.goto(link_of(site, talk, name))
    await page.get_by_role("button", name="Jeg er klar").click()
    await until(page, "() => document.documentElement.dataset.phase !== 'ready'")
    return page


async def guest_inside(host: Page, site: Site, talk: Talk, name: str, *scripts: str, **options: Any) -> Page:
    """A guest who is let in by `host`."""
    page = await guest_waiting(site, talk, name, *scripts, **options)
    await host.get_by_role("button", name="Let in").click()
    await in_the_call(page)
    return page


async def said_to(page: Page, event: str, detail: dict[str, Any]) -> None:
    """An event as the room would tell it, and from now on none of the line's own; `of` in the detail stands for the
    participant with that role."""
    await page.evaluate(
        """([type, {of, ...detail}]) => {
            if (of) detail.participant = window.room.roster.find((one) => one.role === of).participant;
            window.deaf = true;
            window.room.dispatchEvent(Object.assign(new CustomEvent(type, {detail}), {test: true}));
        }""",
        [event, detail],
    )


async def hears_again(page: Page) -> None:
    """The page hears its own line again, and what it has missed."""
    await page.evaluate(
        "() => { window.deaf = false; window.room.dispatchEvent(new CustomEvent('roster', {detail: room.roster})) }"
    )


async def axe_at_the_end(page: Page) -> list[str]:
    """What axe finds on a phone that is scrolled to its end: anywhere else the row of controls lies over something,
    and axe takes what can be scrolled free for too small to press."""
    await page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight)")
    return await axe(page)
