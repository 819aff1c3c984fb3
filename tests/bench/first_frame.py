"""From the click to the first remote frame: a seat in a room against the least page that makes a call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from signaling.hooks import Hooks
from signaling.rooms import Rooms
from tests.bench.demo_talk import sign_in, talk_now
from tests.bench.processes import demo
from tests.chromium import chromium, new_context
from tests.signaling.site import site

JOINS = 20
TARGET = "≤ 1.6"
PAGE = Path(__file__).parent / "plain_call.html"


@asynccontextmanager
async def plain_site() -> AsyncIterator[TestServer]:
    """Passes every message on to the other socket; no seats, no limits, no queue."""
    sockets: dict[str, web.WebSocketResponse] = {}

    async def page(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE)

    async def socket(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(heartbeat=15)
        await ws.prepare(request)
        for other in sockets.values():
            await other.send_json({"joined": True})
        sockets[request.query["id"]] = ws
        async for frame in ws:
            for other in sockets.values():
                if other is not ws:
                    await other.send_str(frame.data)
        return ws

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/socket", socket)])
    server = TestServer(app, host="127.0.0.1")
    async with server:
        yield server


def seated_site() -> AbstractAsyncContextManager[TestServer]:
    return site(Rooms(Hooks()))


async def here(page: Page) -> None:
    await page.wait_for_function("window.room.state === 'admitted' && window.media.video")


async def nothing(page: Page) -> None:
    """The least page is here when its `join()` is done."""


async def click_to_frame(
    browser: Browser,
    open_site: Callable[[], AbstractAsyncContextManager[TestServer]],
    queries: tuple[str, str],
    settled: Callable[[Page], Awaitable[None]],
) -> float:
    """Milliseconds at the second of two devices, each in a fresh context, the first one already there."""
    async with open_site() as server, new_context(browser, []) as one, new_context(browser, []) as other:
        first, second = await one.new_page(), await other.new_page()
        for page, query in zip((first, second), queries, strict=True):
            await page.goto(f"{server.make_url('/')}?{query}")
            await page.wait_for_function("window.ready")
        await first.evaluate("join()")
        await settled(first)
        await second.evaluate("join()")
        await second.wait_for_function("at.frame")
        elapsed: float = await second.evaluate("at.frame - at.click")
        return elapsed


class Product:
    """The service's own room: Astrid sits in it, and Bo comes in a fresh context each time."""

    def __init__(self, browser: Browser, base_url: str, room: str) -> None:
        self.browser = browser
        self.base_url = base_url
        self.room = room

    async def join(self, page: Page) -> None:
        await page.goto(self.room)
        # The camera of the device check is on when somebody presses; waiting for it leaves only the join to measure.
        await page.wait_for_function("() => !document.querySelector('.preview video').hidden")
        await page.evaluate(WATCH)
        await page.get_by_role("button", name="Join", exact=True).click()

    async def click_to_frame(self) -> float:
        async with new_context(self.browser, []) as context:
            page = await context.new_page()
            await sign_in(page, self.base_url, "bo@kommune.example")
            await self.join(page)
            await page.wait_for_function("() => at.frame")
            elapsed: float = await page.evaluate("() => at.frame - at.click")
            return elapsed


# Notes the press and the first frame of anybody else, as the least page does by itself.
WATCH = """() => {
    window.at = {};
    document.addEventListener("click", () => { at.click = performance.now(); }, true);
    new MutationObserver(() => {
        for (const video of document.querySelectorAll("video[data-participant]:not([data-watched])")) {
            video.dataset.watched = "";
            video.requestVideoFrameCallback(() => { at.frame ??= performance.now(); });
        }
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-participant"] });
}"""


async def measure(
    base_url: str, room: str, joins: int = JOINS
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each join: in the product, in a bare room, and on the least page, by turns so that a busy minute
    hits all of them."""
    whole, seated, plain = [], [], []
    async with chromium() as browser, new_context(browser, []) as desk:
        product = Product(browser, base_url, room)
        astrid = await desk.new_page()
        await sign_in(astrid, base_url, "astrid@ward.example")
        await product.join(astrid)
        for warming_up in [True] + [False] * joins:
            in_product = await product.click_to_frame()
            in_room = await click_to_frame(browser, seated_site, ("staff=astrid", "staff=bo"), here)
            least = await click_to_frame(browser, plain_site, ("id=a", "id=b"), nothing)
            if not warming_up:
                whole.append(in_product)
                seated.append(in_room)
                plain.append(least)
    return whole, seated, plain


def run() -> list[tuple[str, float, str]]:
    with TemporaryDirectory() as text, demo(Path(text)) as service:
        whole, seated, plain = asyncio.run(measure(service.url, talk_now(text)[0]))
    return [
        (
            "Join to first remote frame / the least page that makes a call",
            median(whole) / median(plain),
            TARGET,
        ),
        ("The same in a bare room of the signaling library", median(seated) / median(plain), TARGET),
    ]
