"""Debian's Chromium with fake camera and microphone, driven by Playwright."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, async_playwright

EXECUTABLE = "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def chromium(*more_flags: str) -> AsyncIterator[Browser]:
    """A browser for a whole test run; give each participant a context of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=EXECUTABLE, args=[*FLAGS, *more_flags], headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def new_context(
    browser: Browser, complaints: list[str], **options: Any
) -> AsyncIterator[BrowserContext]:
    """A context whose console errors, CSP reports among them, and uncaught exceptions land in `complaints`."""
    context = await browser.new_context(**options)
    context.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    try:
        yield context
    finally:
        await context.close()
