"""On every staff page: a badge and a sound when a guest waits, silence while people talk."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse
from playwright.async_api import Page, expect

from handover.web.keys import SECRET
from tests.booked import book, join_token
from tests.browser.conftest import Site, until
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


async def listening(site: Site, path: str) -> Page:
    """Astrid looking at another page of hers."""
    page = await site.staff("astrid@ward.example", language="en")
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
