"""Firefox and Chromium in the product's room: each sees the other, whoever came first, and by the relay alone."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page

from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.keys import SECRET
from tests.booked import book, join_token
from tests.browser.calls import in_the_call, sees_moving_pictures
from tests.browser.conftest import sign_in
from tests.cast import Cast
from tests.chromium import new_context
from tests.conftest import service
from tests.coturn import coturn
from tests.firefox import Firefox, Tab
from tests.visitor import Clock

# What Firefox has drawn of the one other; it counts no frames of a call where Chromium does.
PAINTED = "() => document.querySelector('video[data-participant]')?.mozPaintedFrames ?? 0"
KEEP_CONNECTIONS = """() => {
    window.connections = [];
    window.negotiated = [];
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = function (...given) {
        const made = new Real(...given);
        window.connections.push(made);
        made.addEventListener("signalingstatechange", () => negotiated.push(made.signalingState));
        return made;
    };
    window.RTCPeerConnection.prototype = Real.prototype;
    for (const name of Object.getOwnPropertyNames(Real)) {
        if (!["prototype", "name", "length"].includes(name)) window.RTCPeerConnection[name] = Real[name].bind(Real);
    }
}"""
# By which kinds of candidates the connections that carry something go.
WAYS = """async () => {
    const found = [];
    for (const connection of window.connections) {
        if (connection.connectionState !== "connected") continue;
        const stats = await connection.getStats();
        for (const one of stats.values()) {
            if (one.type !== "candidate-pair" || !one.nominated || one.state !== "succeeded") continue;
            found.push([stats.get(one.localCandidateId).candidateType, stats.get(one.remoteCandidateId).candidateType]);
        }
    }
    return found;
}"""


@dataclass
class Call:
    """Bo's Chromium and Dag's Firefox at one service."""

    bo: Page
    dag: Tab
    room: str
    link: str

    async def bo_joins(self) -> None:
        await self.bo.goto(self.room)
        await self.bo.get_by_role("button", name="Join", exact=True).click()
        await in_the_call(self.bo)

    async def dag_joins(self) -> None:
        await self.dag.goto(self.link)
        await self.dag.click("Jeg er klar")

    async def dag_is_inside(self) -> None:
        await self.dag.until("() => document.documentElement.dataset.phase === 'call'")

    async def both_see_moving_pictures(self) -> None:
        await sees_moving_pictures(self.bo, 1)
        for _ in range(2):
            before = await self.dag.evaluate(PAINTED)
            await self.dag.until(f"old => ({PAINTED})() > old + 5", before)


MakeCall = Callable[..., Awaitable[Call]]


@pytest.fixture
async def call(
    store: SqliteStore,
    cast: Cast,
    settings: Settings,
    listening: socket.socket,
    chrome: Browser,
    fox: Firefox,
) -> AsyncIterator[MakeCall]:
    """Makes the call of a talk that begins now: a relay's credentials need the real time."""
    complaints: list[str] = []
    async with AsyncExitStack() as stack:

        async def make(**told: Any) -> Call:
            clock = Clock(int(time.time()))
            app = service(replace(settings, **told), store, clock)
            server = TestServer(app, socket_factory=lambda *_: listening)
            await server.start_server()
            stack.push_async_callback(server.close)
            talk = store.write_now(book, cast, starts_at=clock.now)
            token = store.write_now(join_token, app[SECRET], talk.talk, talk.dag)
            context = await stack.enter_async_context(new_context(chrome, complaints, locale="en-GB"))
            bo = await context.new_page()
            await sign_in(bo, settings.base_url, "bo@kommune.example", "en")
            dag = await fox.visitor()
            stack.push_async_callback(dag.close)
            await dag.before(KEEP_CONNECTIONS)
            return Call(
                bo, dag, f"{settings.base_url}/talks/{talk.talk}/room", f"{settings.base_url}/j/{token}"
            )

        yield make
    assert (complaints, fox.complaints) == ([], [])


async def test_each_sees_the_other_whoever_comes_first(call: MakeCall) -> None:
    made = await call()
    await made.bo_joins()
    await made.dag_joins()
    await made.bo.get_by_role("button", name="Let in").click()
    await made.dag_is_inside()
    await made.both_see_moving_pictures()
    await made.bo_joins()  # anew: now Firefox is the one who was there
    await made.both_see_moving_pictures()
    assert {"have-local-offer", "have-remote-offer"} <= set(await made.dag.evaluate("() => negotiated"))
    ways = await made.dag.evaluate(WAYS)
    assert ways and all("relay" not in way for way in ways), ways


async def test_by_the_relay_alone(call: MakeCall, tmp_path: Path) -> None:
    folder = tmp_path / "relay"
    folder.mkdir()
    with coturn(folder) as relay:
        made = await call(turn=(relay.udp,), turn_secret=relay.secret, guests_relay_only=True)
        await made.bo_joins()
        await made.dag_joins()
        await made.bo.get_by_role("button", name="Let in").click()
        await made.dag_is_inside()
        await made.both_see_moving_pictures()
        ways = await made.dag.evaluate(WAYS)
        assert ways and all(local == "relay" for local, _ in ways), ways
