"""Everything a guest's phone loads, from opening the mailed link until the first picture of another moves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page

from tests.bench.demo_talk import sign_in, talk_now
from tests.bench.processes import demo
from tests.chromium import chromium, new_context

PHONE = {"width": 360, "height": 740}
PICTURE = """() => [...document.querySelectorAll("video[data-participant]")]
    .some((video) => video.getVideoPlaybackQuality().totalVideoFrames > 0)"""


@dataclass
class Wire:
    """What came over the network to one page, as Chromium counts it: headers, compressed bodies, socket messages."""

    own_host: str
    bytes: int = 0
    requests: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    async def listen(self, page: Page) -> None:
        """Count from now on."""
        session = await page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", lambda event: self._asked(event["request"]["url"]))
        session.on("Network.webSocketCreated", lambda event: self._asked(event["url"]))
        session.on("Network.loadingFinished", self._loaded)
        session.on("Network.webSocketFrameReceived", self._told)
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _asked(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme in ("data", "blob"):
            return
        self.requests.append(address.path)
        if address.netloc != self.own_host:
            self.elsewhere.append(url)

    def _loaded(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _told(self, event: dict[str, Any]) -> None:
        self.bytes += len(event["response"]["payloadData"].encode())


async def measure(base_url: str, room: str, guest_link: str) -> Wire:
    """Astrid sits in the room; the relative opens the mailed link, knocks, is let in, and sees her."""
    wire = Wire(urlsplit(base_url).netloc)
    async with (
        chromium() as browser,
        new_context(browser, [], locale="en-GB") as desk,
        new_context(browser, [], locale="en-GB", viewport=PHONE) as phone,
    ):
        ward = await desk.new_page()
        await sign_in(ward, base_url, "astrid@ward.example")
        await ward.goto(room)
        await ward.get_by_role("button", name="Join", exact=True).click()
        guest = await phone.new_page()
        await wire.listen(guest)
        await guest.goto(f"{guest_link}?lang=en")
        await guest.get_by_role("button", name="I am ready").click()
        await ward.get_by_role("button", name="Let in").first.click()
        await guest.wait_for_function(PICTURE)
    return wire


def run() -> list[tuple[str, float, str]]:
    """In the real demo, with the talk that `handover demo-talk` makes."""
    with TemporaryDirectory() as text, demo(Path(text)) as service:
        addresses = talk_now(text)
        wire = asyncio.run(measure(service.url, addresses[0], addresses[-1]))
    return [
        ("A guest's phone until the picture, KB over the wire", wire.bytes / 1000, "≤ 90"),
        ("A guest's phone until the picture, requests to other hosts", len(wire.elsewhere), "≤ 0"),
    ]
