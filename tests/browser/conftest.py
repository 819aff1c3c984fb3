"""The whole service behind a real SMTP server, Chromium with fake camera and microphone, and axe."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from calendars.mail import SmtpMailer
from handover.app import make_app
from handover.cataloguing import import_offers
from handover.domain.access import OPERATOR
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.passwords import Passwords
from tests.calendars.mail_server import MailServer, serving
from tests.cast import NOW, Cast
from tests.chromium import chromium, new_context
from tests.conftest import HASHER
from tests.firefox import Firefox, firefox
from tests.visitor import PASSWORD, Clock

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
expect.set_options(timeout=20_000)  # ms; two cores with a call on each side are slower than a page
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@dataclass
class Site:
    """The running service: its address, its mails, and browsers to look at it with."""

    base: str
    app: web.Application
    store: SqliteStore
    clock: Clock
    mails: MailServer
    browser: Browser
    stack: AsyncExitStack
    complaints: list[str] = field(default_factory=list)

    async def visitor(self, *, phone: bool = False, language: str = "da", **options: Any) -> Page:
        """Somebody's own browser window."""
        context = await self.stack.enter_async_context(
            new_context(
                self.browser,
                self.complaints,
                viewport=PHONE if phone else DESK,
                locale={"da": "da-DK", "nb": "nb-NO", "en": "en-GB"}[language],
                **options,
            )
        )
        return await context.new_page()

    async def staff(self, email: str, *, phone: bool = False, language: str = "da") -> Page:
        """Somebody signed in, reading `language`."""
        page = await self.visitor(phone=phone, language=language)
        await sign_in(page, self.base, email, language)
        return page

    def mail_to(self, address: str) -> list[EmailMessage]:
        """What the mail server has got for an address, oldest first."""
        found = [
            message_from_bytes(raw, policy=policy.default)
            for raw, (_, recipient) in zip(self.mails.received, self.mails.envelopes, strict=True)
            if recipient == address
        ]
        return [message for message in found if isinstance(message, EmailMessage)]


async def sign_in(page: Page, base: str, email: str, language: str) -> None:
    """Sign a window in by the form."""
    await page.goto(f"{base}/sign-in?lang={language}")
    await page.fill("input[name=email]", email)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("form[action='/sign-in'] button.primary")
    await page.wait_for_url(f"{base}/")


async def until(page: Page, expression: str, argument: Any = None, *, within: float = 20.0) -> None:
    """Wait until a (possibly asynchronous) function of the page gives true. Playwright's own waiting takes a pending
    promise for true."""
    deadline = asyncio.get_running_loop().time() + within
    while not await page.evaluate(expression, argument):
        assert asyncio.get_running_loop().time() < deadline, f"it did not become true: {expression}"
        await asyncio.sleep(0.05)


async def axe(page: Page) -> list[str]:
    """What axe finds on the page, one line a violation."""
    # A notice that is still fading in has too little contrast for a tenth of a second.
    await page.evaluate(
        "() => Promise.all(document.getAnimations().map((one) => one.finished)).then(() => true)"
    )
    await page.evaluate(AXE)
    result = await page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


async def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


@pytest.fixture(scope="session")
async def chrome() -> AsyncIterator[Browser]:
    """One Chromium for all browser tests."""
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
async def fox() -> AsyncIterator[Firefox]:
    """One Firefox that reads Danish, for the tests that need another browser than Chromium."""
    async with firefox(intl__accept_languages="da") as browser:
        yield browser


@pytest.fixture
async def site(
    tmp_path: Path,
    store: SqliteStore,
    cast: Cast,
    settings: Settings,
    clock: Clock,
    listening: Any,
    chrome: Browser,
) -> AsyncIterator[Site]:
    """The service with the cast and the starting catalogue; a test that leaves complaints in a console fails."""
    document = json.loads((files("handover") / "data" / "offers.json").read_text("utf-8"))
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)
    async with AsyncExitStack() as stack:
        mails = await stack.enter_async_context(serving())
        mailer = SmtpMailer("127.0.0.1", mails.port, tls="plain")
        served = replace(settings, mail=f"smtp://127.0.0.1:{mails.port}")
        app = make_app(served, store, mailer, clock=clock, passwords=Passwords(HASHER))
        server = TestServer(app, socket_factory=lambda *_: listening)
        await server.start_server()
        stack.push_async_callback(server.close)
        opened = await stack.enter_async_context(AsyncExitStack())
        running = Site(settings.base_url, app, store, clock, mails, chrome, opened)
        yield running
        await opened.aclose()
    assert running.complaints == []
