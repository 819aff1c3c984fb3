"""Five devices and six, each connected with every other: until all see all, beside the least page that does that."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser

from signaling.hooks import Hooks
from signaling.rooms import Rooms
from tests.chromium import chromium, new_context
from tests.signaling.site import STAFF, site

FIVE, SIX = 5, 6
ROUNDS = 4
SEEN_WITHIN = 60_000  # milliseconds
PAGE = Path(__file__).parent / "bare_mesh.html"

# Notes when the first picture of each other device is shown, and how wide it is; the same on both pages.
WATCH = """() => {
    window.seen = {};
    new MutationObserver(() => {
        for (const video of document.querySelectorAll("video[data-participant]:not([data-watched])")) {
            video.dataset.watched = "";
            video.requestVideoFrameCallback((_, { width }) => {
                seen[video.dataset.participant] ??= { at: Date.now(), width };
            });
        }
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-participant"] });
}"""


@asynccontextmanager
async def bare_site() -> AsyncIterator[TestServer]:
    """Tells those who are there of each newcomer, and passes messages on; no seats, no limits, no queue."""
    sockets: dict[str, web.WebSocketResponse] = {}

    async def page(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE)

    async def socket(request: web.Request) -> web.StreamResponse:
        me = request.query["id"]
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        for other in [*sockets.values()]:
            await other.send_json({"joined": me})
        sockets[me] = ws
        async for frame in ws:
            message = json.loads(frame.data)
            await sockets[message["to"]].send_json({**message, "from": me})
        return ws

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/socket", socket)])
    server = TestServer(app, host="127.0.0.1")
    async with server:
        yield server


def seated_site() -> AbstractAsyncContextManager[TestServer]:
    return site(Rooms(Hooks()))


@dataclass(frozen=True)
class Meeting:
    """Seconds from the first click until everybody sees everybody; the pairs; the widest first picture."""

    seconds: float
    pairs: int
    width: int


async def meet(
    browser: Browser, open_site: Callable[[], AbstractAsyncContextManager[Any]], name: str, devices: int
) -> Meeting:
    """Everybody presses at once, each in a context of their own."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(open_site())
        pages = []
        for participant in [*STAFF][:devices]:
            context = await stack.enter_async_context(new_context(browser, []))
            page = await context.new_page()
            page.set_default_timeout(SEEN_WITHIN)
            await page.goto(f"{server.make_url('/')}?{name}={participant}")
            await page.wait_for_function("window.ready")
            await page.evaluate(WATCH)
            pages.append(page)
        presses = await asyncio.gather(
            *(
                page.evaluate("() => { const pressed = Date.now(); window.join(); return pressed; }")
                for page in pages
            )
        )
        for page in pages:
            await page.wait_for_function("(others) => Object.keys(seen).length === others", arg=devices - 1)
        seen = [picture for page in pages for picture in (await page.evaluate("() => Object.values(seen)"))]
        last = max(picture["at"] for picture in seen)
        return Meeting(
            (last - min(presses)) / 1000, len(seen) // 2, max(picture["width"] for picture in seen)
        )


async def measure() -> tuple[list[Meeting], list[Meeting], Meeting]:
    """By turns, so that a busy minute hits both; the first meeting warms the browser up."""
    ours, least = [], []
    async with chromium() as browser:
        await meet(browser, bare_site, "id", FIVE)
        for _ in range(ROUNDS):
            ours.append(await meet(browser, seated_site, "staff", FIVE))
            least.append(await meet(browser, bare_site, "id", FIVE))
        return ours, least, await meet(browser, seated_site, "staff", SIX)


def run() -> list[tuple[str, float, str]]:
    ours, least, six = asyncio.run(measure())
    ratio = median(one.seconds for one in ours) / median(one.seconds for one in least)
    return [
        ("All ten pairs of five devices / the least page for that", ratio, "≤ 1.6"),
        ("The widest of their first pictures, pixels", max(one.width for one in ours), "≤ 320"),
        ("Six devices: pairs that see each other", six.pairs, "≥ 15"),
        ("Six devices: until they do, s", six.seconds, "told"),
    ]
