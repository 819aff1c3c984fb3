"""Pages in real browsers for the tests: several people who see each other, and how to wait for that."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from signaling.rooms import Rooms
from tests.chromium import new_context
from tests.signaling.site import site

Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def bare_site(rooms: Rooms) -> AsyncIterator[TestServer]:
    async with site(rooms) as server:
        yield server


@pytest.fixture
async def open_page(browser: Browser, bare_site: TestServer) -> AsyncIterator[Open]:
    """Opens the bare page in a context of its own; `beside` opens a second tab there instead."""
    complaints: list[str] = []
    async with AsyncExitStack() as contexts:

        async def open_page(query: str, *, script: str = "", beside: Page | None = None) -> Page:
            context = (
                beside.context
                if beside
                else await contexts.enter_async_context(new_context(browser, complaints))
            )
            page = await context.new_page()
            page.set_default_timeout(30_000)
            if script:
                await page.add_init_script(script)
            await page.goto(f"{bare_site.make_url('/')}?{query}")
            await page.wait_for_function("window.ready")
            return page

        yield open_page
    assert complaints == []


async def see_each_other(pages: dict[str, Page], what: str = "frames") -> None:
    """Waits until everyone's statistics rise, twice, for everybody else."""
    for _ in range(2):
        before = {name: await page.evaluate("received()") for name, page in pages.items()}
        await asyncio.gather(
            *(
                page.evaluate(
                    "([what, others, before]) => until(() => rising(what, others, before))",
                    [what, [other for other in pages if other != name], before[name]],
                )
                for name, page in pages.items()
            )
        )


async def state(page: Page, expected: str) -> None:
    await page.wait_for_function("(expected) => room.state === expected", arg=expected)


async def join(open_page: Open, *names: str) -> dict[str, Page]:
    """Staff who enter one after the other, and have begun to connect."""
    pages = {name: await open_page(f"staff={name}") for name in names}
    for page in pages.values():
        await page.evaluate("join()")
    return pages


async def until(page: Page, check: str) -> None:
    """Waits for an asynchronous condition of the page, such as one about statistics."""
    await page.evaluate(f"until(async () => {check})")


async def states(page: Page, participant: str) -> list[str]:
    """What the page was told about one connection, in order."""
    told: list[str] = await page.evaluate(
        """(who) => log.filter(([type, , detail]) => type === "peer" && detail.participant === who)
            .map(([, state]) => state)""",
        participant,
    )
    return told
