"""What the test of the connection says about a line is what the line is: delay and loss put in, read off the page."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from handover.app import wall_clock
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from tests.browser.conftest import until
from tests.chromium import new_context
from tests.conftest import service
from tests.coturn import Relay
from tests.shaper import Shaper

DELAY, LOSS = 0.1, 0.05  # seconds and share, each way
TRIES = 6
FIGURES = re.compile(r"by the relay: ([\d.]+) ms, loss ([\d.]+) %, jitter [\d.]+ ms")
AGAIN = "() => { delete document.querySelector('[data-network-check]').dataset.result; }"
DONE = "() => document.querySelector('[data-network-check]').dataset.result ?? ''"


@pytest.fixture
async def page(
    browser: Browser,
    line: Shaper,
    relay: Relay,
    settings: Settings,
    store: SqliteStore,
    listening: socket.socket,
) -> AsyncIterator[Page]:
    """/help/check of a service whose guests, and whose echo, reach the relay over the bad line alone."""
    told = replace(settings, turn=(line.url,), turn_secret=relay.secret, guests_relay_only=True)
    server = TestServer(service(told, store, wall_clock), socket_factory=lambda *_: listening)
    await server.start_server()
    complaints: list[str] = []
    async with new_context(browser, complaints, locale="en-GB") as context:
        page = await context.new_page()
        await page.goto(f"{settings.base_url}/help/check?lang=en")
        yield page
    await server.close()
    assert complaints == []


async def pressed(page: Page) -> tuple[str, float, float]:
    """The grade, the milliseconds there and back, the percentage lost."""
    await page.evaluate(AGAIN)
    await page.get_by_role("button", name="Test the connection").click()
    await until(page, DONE, within=60)
    found = FIGURES.search(await page.inner_text("[data-desk-line]"))
    assert found, await page.inner_text("[data-desk-line]")
    return await page.evaluate(DONE), float(found[1]), float(found[2])


async def test_delay_and_loss_are_told_as_they_are(page: Page, line: Shaper) -> None:
    line.even, line.delay, line.loss = True, DELAY, LOSS
    tries = []
    for _ in range(TRIES):
        grade, rtt, loss = await pressed(page)
        tries.append((grade, rtt, loss))
        # Nothing arrives before its time. Later is the fault of a busy machine, and what is measured then is true.
        assert rtt >= 2000 * DELAY, tries
        if rtt <= 2400 * DELAY and abs(loss - 100 * LOSS) <= 2:
            assert grade in ("fair", "weak")
            return
    raise AssertionError(f"never within a fifth of 200 ms and 2 points of 5 %: {tries}")
