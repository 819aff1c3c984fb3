"""The service is stopped, and killed, in the middle of a call: pictures go on, and everybody is back by themselves."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from handover.app import wall_clock
from handover.domain.access import Scope
from handover.settings import load_or_make_secret
from handover.store import sessions
from handover.store.sqlite import SqliteStore
from tests import booked
from tests import cast as people
from tests.bookings import words
from tests.browser.calls import in_the_call
from tests.browser.conftest import until
from tests.chromium import chromium, new_context
from tests.processes import HANGS, Service

STOPS_WITHIN = 3.0  # seconds, whoever is connected: a deployment must not leave half a server
# What each page makes and hears, from its first moment on: every connection, and every socket's messages.
WITNESS = """
window.calls = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.calls.push(this); }
};
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url);
    if (!/[/]rooms[/][^/]+[/]ws$/.test(url)) return;
    const messages = [];
    window.sockets.push(messages);
    this.addEventListener("message", ({ data }) => messages.push(JSON.parse(data)));
  }
};
window.decoded = () => Promise.all(window.held.map(async (call) => {
  const reports = [...(await call.getStats()).values()];
  return reports.find(({ type, kind }) => type === "inbound-rtp" && kind === "video")?.framesDecoded ?? 0;
}));
window.roster = () => window.sockets.flat().filter(({ roster }) => roster).at(-1)?.roster ?? [];
"""
HOLD = """of => {
    window.held = window.calls.filter(({ connectionState }) => connectionState === "connected");
    return window.held.length === of;
}"""
RISING = "async before => (await decoded()).every((frames, one) => frames >= (before[one] ?? 0) + 10)"
# On its newest socket, and everybody else is there on theirs.
BACK = """count => window.sockets.length > count && window.sockets.at(-1).some(({ type }) => type === "admitted")
    && roster().length === 3 && roster().every(({ away }) => !away)"""


@dataclass
class Ward:
    """A service in a process of its own, over a talk that has just begun, and the pages in it."""

    folder: Path
    talk: booked.Booked
    service: Service
    base: str
    pages: dict[str, Page]

    def restart(self) -> None:
        """Start it again at the same address."""
        self.service = Service(self.folder, "serve", "--port", self.base.rpartition(":")[2])
        self.service.until("Ready: ")

    def noted(self) -> dict[str, list[Any]]:
        """What the database knows of who was let in, who stays, and what happened at the door."""
        queries = {
            "admissions": "select talk, seat, device from admissions order by seat",
            "stays": "select seat from stays order by seat",
            "at the door": """
                select action, object from audit where action in ('seat:knock', 'seat:let-in') order by seq
                """,
        }
        with closing(sqlite3.connect(self.folder / "handover.db", timeout=HANGS)) as database:
            return {name: database.execute(query).fetchall() for name, query in queries.items()}


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    """Astrid and Bo are in the room; Dag has knocked and was let in."""
    now, key = wall_clock(), load_or_make_secret(tmp_path / "secret.key")
    store = SqliteStore(tmp_path / "handover.db")
    cast = store.write_now(people.gather, None, now, "2026-11-30")
    store.write_now(words)
    talk = store.write_now(booked.book, cast, starts_at=now)
    link = store.write_now(booked.join_token, key, talk.talk, talk.dag)
    staff: dict[str, Scope] = {"astrid": cast.astrid, "bo": cast.bo}
    for name, scope in staff.items():
        store.write_now(sessions.open_session, name * 8, scope.actor, now=now, expires_at=now + 3600)
    store.close_now()
    service = Service(tmp_path, "serve", "--port", "0")
    base = service.until("Ready: ").split()[1].rstrip("/")
    complaints: list[str] = []
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(chromium())
        ward = Ward(tmp_path, talk, service, base, {})
        stack.callback(lambda: ward.service.end())
        for name in ("astrid", "bo", "dag"):
            context = await stack.enter_async_context(new_context(browser, complaints, locale="en-GB"))
            await context.add_init_script(WITNESS)
            if name in staff:
                await context.add_cookies([{"name": "session", "value": name * 8, "url": base}])
            page = ward.pages[name] = await context.new_page()
            await page.goto(f"{base}/talks/{talk.talk}/room" if name in staff else f"{base}/j/{link}")
            await page.click(
                "[data-join-now]" if name in staff else "form[data-ready] button:not([type=button])"
            )
        await ward.pages["bo"].click("[data-let-in]")
        for page in ward.pages.values():
            await in_the_call(page)
            await until(page, HOLD, 2)
        yield ward
    offline = (
        "WebSocket",
        "net::ERR",
        "Failed to load resource",
    )  # a browser's own words for a server that is away
    assert [one for one in complaints if not any(word in one for word in offline)] == []


async def goes_on(page: Page) -> None:
    """Pictures keep coming from both others over the connections that were held before."""
    assert (
        await page.evaluate("() => held.map(({ connectionState }) => connectionState)") == ["connected"] * 2
    )
    before = await page.evaluate("() => decoded()")
    await until(page, RISING, before, within=HANGS)


async def everywhere(ward: Ward, does: Callable[[Page], Any]) -> list[Any]:
    return list(await asyncio.gather(*(does(page) for page in ward.pages.values())))


async def who_is_there(page: Page) -> list[tuple[Any, ...]]:
    """The roster as the page heard it last, without what changes by itself."""
    lasting = ("participant", "name", "role", "organisation", "admits", "microphone", "camera", "fingerprint")
    return sorted(tuple(entry[name] for name in lasting) for entry in await page.evaluate("() => roster()"))


async def survives(ward: Ward, fault: Callable[[], None]) -> None:
    """The service goes away by `fault` and comes back; nobody in the call need do anything."""
    sockets = await everywhere(ward, lambda page: page.evaluate("() => sockets.length"))
    calls = await everywhere(ward, lambda page: page.evaluate("() => calls.length"))
    rosters, noted = await everywhere(ward, who_is_there), ward.noted()
    await everywhere(ward, goes_on)
    fault()
    assert ward.service.process.poll() is not None
    await everywhere(ward, goes_on)
    ward.restart()
    for page, count in zip(ward.pages.values(), sockets, strict=True):
        await until(page, BACK, count, within=HANGS)
    await everywhere(ward, goes_on)
    assert await everywhere(ward, lambda page: page.evaluate("() => calls.length")) == calls
    assert (await everywhere(ward, who_is_there), ward.noted()) == (rosters, noted)
    for page in ward.pages.values():
        said = await page.evaluate("() => [...new Set(sockets.at(-1).map(({ type }) => type))]")
        assert {"make", "waiting"}.isdisjoint(said)
        assert await page.evaluate("() => sockets.at(-1).every(({ knocking }) => !knocking?.length)")
        assert await page.evaluate("() => document.documentElement.dataset.phase") == "call"


async def test_call_goes_on_while_the_service_is_stopped_killed_and_started_again(ward: Ward) -> None:
    first = await who_is_there(ward.pages["dag"])
    assert [entry[0] for entry in first] == sorted([ward.talk.astrid, ward.talk.bo, ward.talk.dag])

    def stop() -> None:
        began = time.monotonic()
        assert ward.service.stop(signal.SIGTERM) == 0
        assert time.monotonic() - began <= STOPS_WITHIN

    await survives(ward, stop)
    await survives(ward, lambda: ward.service.end())

    dag = ward.pages["dag"]
    await dag.reload()
    await dag.click("form[data-ready] button:not([type=button])")
    await in_the_call(dag)  # let in once, by a service that was killed since: no second knock
    await until(dag, HOLD, 2)
    await goes_on(dag)
    assert ward.noted()["at the door"] == [("seat:knock", ward.talk.dag), ("seat:let-in", ward.talk.dag)]
