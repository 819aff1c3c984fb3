"""On every staff page: a badge and a sound when a guest waits, silence while people talk."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse
from playwright.async_api import Page, expect

from handover.web.keys import SECRET
from tests.booked import book, join_token
from tests.browser.conftest import Site, axe, until
from tests.cast import NOW, Cast

COUNT_SOUNDS = """
window.sounds = 0;
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () { window.sounds += 1; return play.call(this); };
"""


async def knocking(
    http: ClientSession, site: Site, talk: str, token: str, name: str
) -> ClientWebSocketResponse:
    """A guest's socket that has knocked."""
    socket = await http.ws_connect(f"{site.base}/rooms/{talk}/ws", headers={"Origin": site.base})
    hello: dict[str, Any] = {
        "type": "hello",
        "version": 1,
        "token": token,
        "device": f"device-of-{name}-0123456789",
    }
    await socket.send_json(hello)
    await socket.send_json({"type": "knock", "name": name, "relation": ""})
    return socket


async def listening(site: Site, path: str, *, phone: bool = False) -> Page:
    """Astrid looking at another page of hers."""
    page = await site.staff("astrid@ward.example", language="en", phone=phone)
    await page.add_init_script(COUNT_SOUNDS)
    await page.goto(site.base + path)
    return page


async def test_guest_who_waits_is_seen_and_heard_on_any_page(site: Site, cast: Cast) -> None:
    talk = site.store.write_now(book, cast, starts_at=NOW)
    key = site.app[SECRET]
    dag, ellen = (site.store.write_now(join_token, key, talk.talk, one) for one in (talk.dag, talk.ellen))
    page = await listening(site, "/account")
    async with ClientSession() as http:
        first = await knocking(http, site, talk.talk, dag, "Dag")
        badge = page.locator("#knocks a")
        await expect(badge).to_have_text("Dag is waiting")
        await expect(badge).to_have_attribute("href", f"/talks/{talk.talk}/room")
        await until(page, "() => document.title.startsWith('(1) ')")
        assert await page.evaluate("window.sounds") == 1
        second = await knocking(http, site, talk.talk, ellen, "Ellen")
        await expect(badge).to_have_text("2 are waiting")
        assert await page.evaluate("window.sounds") == 2
        for socket in (first, second):
            await socket.send_json({"type": "bye"})
        await expect(badge).to_have_count(0)
        await until(page, "() => !document.title.startsWith('(')")


async def noticed(socket: ClientWebSocketResponse) -> str:
    """The next message that a guest who waits is told."""
    async with asyncio.timeout(30):
        while (said := await socket.receive_json())["type"] != "notice":
            pass
    return str(said["message"])


async def test_who_waits_is_told_something_from_any_page(site: Site, cast: Cast) -> None:
    talk = site.store.write_now(book, cast, starts_at=NOW)
    key = site.app[SECRET]
    dag, ellen = (site.store.write_now(join_token, key, talk.talk, one) for one in (talk.dag, talk.ellen))
    page = await listening(site, "/account", phone=True)
    tell = page.locator("[data-tell]")
    async with ClientSession() as http:
        first = await knocking(http, site, talk.talk, dag, "Dag")
        await tell.get_by_text("Tell them").click()
        await expect(tell).to_contain_text("To Dag")
        second = await knocking(http, site, talk.talk, ellen, "Ellen")
        await expect(tell).to_contain_text("To Dag, Ellen")
        assert await axe(page) == []
        box = await tell.locator("> div").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360, box
        for code, sentence in (("late", "We are a few minutes late."), ("ring", "Please ring the ward.")):
            await tell.get_by_role("button", name=sentence).click()
            await expect(tell.get_by_role("status")).to_contain_text(f"They read now: “{sentence}")
            assert [await noticed(first), await noticed(second)] == [code, code]
        for socket in (first, second):
            await socket.send_json({"type": "bye"})
        await expect(tell).to_be_hidden()


async def test_in_the_room_one_of_those_who_wait_is_told_alone(site: Site, cast: Cast) -> None:
    talk = site.store.write_now(book, cast, starts_at=NOW)
    key = site.app[SECRET]
    dag, ellen = (site.store.write_now(join_token, key, talk.talk, one) for one in (talk.dag, talk.ellen))
    page = await listening(site, f"/talks/{talk.talk}/room")
    await page.get_by_role("button", name="Join", exact=True).click()
    async with ClientSession() as http:
        first = await knocking(http, site, talk.talk, dag, "Dag")
        second = await knocking(http, site, talk.talk, ellen, "Ellen")
        box = page.locator("[data-knock]").filter(has_text="Dag")
        await box.get_by_text("Write to them").click()
        await box.get_by_role("button", name="We are ready in a moment.").click()
        await expect(box.get_by_role("status")).to_have_text("They read now: “We are ready in a moment.”")
        assert await noticed(first) == "soon"
        assert await axe(page) == []
        # Ellen hears only what is for everybody.
        await page.get_by_text("Write to those who wait").click()
        await page.locator("[data-notify]").get_by_role("button", name="We are a few minutes late.").click()
        assert [await noticed(second), await noticed(first)] == ["late", "late"]


async def test_nothing_is_heard_while_people_talk(site: Site, cast: Cast) -> None:
    talk = site.store.write_now(book, cast, starts_at=NOW)
    dag = site.store.write_now(join_token, site.app[SECRET], talk.talk, talk.dag)
    page = await listening(site, "/")
    headers = {"Origin": site.base}
    rooms = f"{site.base}/rooms/{talk.talk}/ws"
    inside = []  # a socket that nobody holds is closed
    async with ClientSession() as astrid, ClientSession() as bo, ClientSession() as http:
        for session, email in ((astrid, "astrid@ward.example"), (bo, "bo@kommune.example")):
            cookie = await session_of(site, email)
            socket = await session.ws_connect(rooms, headers={**headers, "Cookie": f"session={cookie}"})
            await socket.send_json({"type": "hello", "version": 1, "device": f"device-of-{email}"[:40]})
            while (await socket.receive_json())["type"] != "admitted":
                pass
            inside.append(socket)
        waiting = await knocking(http, site, talk.talk, dag, "Dag")
        await expect(page.locator("#knocks a")).to_have_text("Dag is waiting")
        assert await page.evaluate("window.sounds") == 0
        for socket in (waiting, *inside):
            await socket.close()


async def session_of(site: Site, email: str) -> str:
    """The cookie of somebody signed in elsewhere."""
    page = await site.staff(email, language="en")
    cookies = await page.context.cookies()
    return next(cookie["value"] for cookie in cookies if cookie["name"] == "session")
