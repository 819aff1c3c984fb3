"""A test of the connection, pressed by a real browser: CPU of the service and of its echo, once that is warm."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.async_api import Page

from tests.bench.processes import Service, cpu_of, demo
from tests.chromium import chromium, new_context

CHECKS = 3
LOOKING = 5.0  # seconds from the press on; the direct way is measured in these
DONE = "() => document.querySelector('[data-network-check]').dataset.result"
AGAIN = "() => { delete document.querySelector('[data-network-check]').dataset.result; }"
OVER_WITHIN = 30.0  # seconds


async def check(page: Page, service: Service) -> float:
    """Share of a core that one check takes while it is looked at."""
    await page.evaluate(AGAIN)
    processes = [service.process.pid, *service.children()]
    before = sum(map(cpu_of, processes))
    await page.locator("[data-network-check] [data-test]").click()
    await asyncio.sleep(LOOKING)
    used = sum(map(cpu_of, processes)) - before
    await done(page)
    return used / LOOKING


async def done(page: Page) -> None:
    async with asyncio.timeout(OVER_WITHIN):
        while (result := await page.evaluate(DONE)) is None:
            await asyncio.sleep(0.1)
    if result != "good":
        raise ValueError(f"the way to this machine's own echo is {result}")


async def measure(service: Service) -> float:
    async with chromium() as browser, new_context(browser, []) as context:
        page = await context.new_page()
        await page.goto(f"{service.url}/help/check?lang=en")
        await page.locator("[data-network-check] [data-test]").click()
        await done(page)  # the worker has started, and loaded what it needs
        if not service.children():
            raise ValueError("there is no worker whose CPU could be counted")
        return median([await check(page, service) for _ in range(CHECKS)])


def run() -> list[tuple[str, float, str]]:
    with TemporaryDirectory() as text, demo(Path(text)) as service:
        share = asyncio.run(measure(service))
    return [("A test of the connection, % of a core for 5 s", share * 100, "≤ 20")]
