"""/help/check and the same test on the join page, in real browsers over real ICE, directly and by a real relay."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, Request, expect

from handover.app import wall_clock
from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.keys import SECRET
from handover.web.network_check import CHECKS
from tests.booked import STARTS_AT, book, join_token
from tests.browser.conftest import PHONE, Site, axe, overflow, until
from tests.cast import Cast
from tests.chromium import new_context
from tests.conftest import service
from tests.coturn import coturn
from tests.firefox import Firefox

FIGURES = r"[\d,.]+ ms, tab [\d,.]+ %, jitter [\d,.]+ ms"
LINE = re.compile(rf"[\d., ]+ · (\w+) \d+, Linux · direkte: {FIGURES} · over relay: {FIGURES}")
DONE = "() => document.querySelector('[data-network-check]').dataset.result ?? ''"
IN_FIREFOX = """() => {
    if (!navigator.mediaDevices) return;
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotAllowedError"); };
    window.offers = [];
    const real = window.fetch;
    window.fetch = (address, options) => {
        if (String(address).includes("/help/check/")) offers.push(JSON.parse(options.body));
        return real(address, options);
    };
}"""


@pytest.fixture
async def relayed(
    tmp_path: Path, store: SqliteStore, cast: Cast, settings: Settings, listening: socket.socket
) -> AsyncIterator[str]:
    """The address of a service with a real relay, whose credentials need the real time."""
    folder = tmp_path / "relay"
    folder.mkdir()
    with coturn(folder) as relay:
        told = replace(settings, turn=(relay.udp, relay.tcp), turn_secret=relay.secret)
        server = TestServer(service(told, store, wall_clock), socket_factory=lambda *_: listening)
        await server.start_server()
        yield settings.base_url
        await server.close()


def offer_of(request: Request) -> dict[str, Any] | None:
    """The offer in a request of the page, if it is one."""
    if "/help/check/" not in request.url:
        return None
    sent: dict[str, Any] = json.loads(request.post_data or "")
    return sent


def ways(offers: list[dict[str, Any]]) -> list[tuple[bool, set[str]]]:
    """By which kinds of candidates each offer can be reached."""
    return [(one["relay"], set(re.findall(r"typ (\w+)", one["sdp"]))) for one in offers]


async def test_a_relative_tries_everything_before_the_day(relayed: str, chrome: Browser) -> None:
    complaints: list[str] = []
    async with new_context(chrome, complaints, viewport=PHONE, locale="da-DK") as context:
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        offers: list[dict[str, Any]] = []
        page.on("request", lambda request: offers.append(sent) if (sent := offer_of(request)) else None)
        await page.goto(f"{relayed}/help/check")
        await until(page, "() => document.querySelector('.preview video').currentTime > 0")
        await expect(page.get_by_text("Din mikrofon virker")).to_be_visible()
        await page.get_by_role("button", name="Afspil en lyd").click()
        await expect(page.get_by_text("Hørte du to toner?")).to_be_visible()
        await page.get_by_role("button", name="Test forbindelsen").dblclick()
        await expect(page.get_by_text("Vi tester.")).to_be_visible()
        await until(page, DONE, within=60)
        await expect(page.get_by_text("Vi tester.")).to_be_hidden()
        direct, relay = ways(offers)
        assert direct[0] is False and "host" in direct[1] and "relay" not in direct[1]
        assert relay == (True, {"relay"})
        assert await page.locator("[data-grade]:visible").count() == 1
        assert await page.locator("[data-grade=none], [data-refused]").locator("visible=true").count() == 0
        line = await page.inner_text("[data-desk-line]")
        found = LINE.fullmatch(line)
        assert found and found[1] == "Chrome", line
        await page.get_by_role("button", name="Kopiér linjen").click()
        await expect(page.get_by_text("Kopieret")).to_be_visible()
        assert await page.evaluate("() => navigator.clipboard.readText()") == line
        assert (await axe(page), await overflow(page)) == ([], 0)
    assert complaints == []


async def test_firefox_without_a_microphone_reaches_the_echo_both_ways(relayed: str, fox: Firefox) -> None:
    """It hides its addresses behind `.local` names, and sends a tone for want of a voice."""
    tab = await fox.visitor()
    await tab.before(IN_FIREFOX)
    await tab.goto(f"{relayed}/help/check")
    await tab.until("() => !document.querySelector('[data-problem]').hidden")
    await tab.click("Test forbindelsen")
    await tab.until(DONE, within=60)
    direct, relay = await tab.evaluate("() => window.offers")
    assert ".local" in direct["sdp"]
    assert ways([relay]) == [(True, {"relay"})]
    line = await tab.text("[data-desk-line]")
    found = LINE.fullmatch(line)
    assert found and found[1] == "Firefox", line
    await tab.close()
    assert fox.complaints == []


async def test_closed_network_is_told_with_the_wards_phone_and_a_busy_hour_in_words(
    site: Site, cast: Cast, store: SqliteStore
) -> None:
    talk = store.write_now(book, cast)
    token = store.write_now(join_token, site.app[SECRET], talk.talk, talk.dag)
    site.clock.now = STARTS_AT - 600
    dag = await site.visitor(phone=True)
    # An echo that cannot be reached: its answer comes, and no packet ever does.
    await dag.add_init_script(
        """
        const real = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
            return real.call(this, { type, sdp: sdp.replace(/a=candidate.*\\r\\n/g, "") });
        };
        """
    )
    await dag.goto(f"{site.base}/j/{token}")
    await dag.get_by_role("button", name="Test forbindelsen").click()
    await until(dag, DONE, within=60)
    said = dag.locator("[data-grade=none]")
    await expect(said).to_contain_text("Netværket her lader ingen samtale komme igennem")
    assert await said.locator("a").get_attribute("href") == "tel:+4574112233"
    assert "direkte: lukket" in await dag.inner_text("[data-desk-line]")
    assert await axe(dag) == []
    while site.app[CHECKS].take("127.0.0.0/24"):
        pass
    await dag.get_by_role("button", name="Test forbindelsen").click()
    await expect(dag.locator("[data-refused]")).to_have_text(re.compile("Vent et minut"))
    await expect(said).to_be_hidden()
    site.complaints[:] = [one for one in site.complaints if "429" not in one]


def way(**figures: Any) -> dict[str, Any]:
    """A way over which everything is well, but for these figures."""
    return {"connected": True, "sound": True, "messages": True, "rtt": 20, "loss": 0, "jitter": 3, **figures}


CLOSED = way(connected=False, sound=False, messages=False, rtt=None, loss=None, jitter=None)
GRADES = [
    (way(), None, "good", False),
    (way(rtt=300, loss=0.02, jitter=30), way(), "good", False),
    (way(rtt=301), None, "fair", False),
    (way(loss=0.05), way(), "fair", False),
    (way(jitter=31), None, "fair", False),
    (way(messages=False), None, "fair", False),
    (way(loss=0.09), None, "weak", False),
    (way(rtt=601), None, "weak", False),
    (way(sound=False), None, "weak", False),
    (way(rtt=None, loss=None, jitter=None), None, "good", False),
    (CLOSED, way(), "good", True),
    (CLOSED, way(loss=0.05), "fair", True),
    (None, way(), "good", True),
    (CLOSED, CLOSED, "none", False),
    (CLOSED, None, "none", False),
]


async def test_figures_become_one_of_four_sentences(site: Site) -> None:
    page: Page = await site.visitor()
    await page.goto(f"{site.base}/help/check")
    judged = await page.evaluate(
        """async (grades) => {
            const script = document.querySelector("script[src*='/pages/check.js']").src;
            const { judge } = await import(script.replace("handover/pages/check.js", "signaling/echo.js"));
            return grades.map(([direct, relay]) => judge(direct, relay));
        }""",
        GRADES,
    )
    assert [(one["grade"], one["relayed"]) for one in judged] == [(one[2], one[3]) for one in GRADES]
