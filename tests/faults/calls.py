"""A call between real browsers through a real relay, and what each of them was told, said and received."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page

from signaling.ice import Ice, ice_servers
from signaling.passes import Pass
from signaling.rooms import Rooms
from tests.chromium import new_context
from tests.coturn import SECRET
from tests.signaling.cast import Diary
from tests.signaling.site import site

PATIENCE = 40.0  # seconds; a machine with two cores may do much else meanwhile
Message = dict[str, Any]


@dataclass
class Caller:
    """One browser in the room."""

    page: Page
    heard: list[Message] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)

    async def received(self, whom: str) -> dict[str, int]:
        """Packets of sound, frames and the picture's width that have come from somebody, as the browser counts."""
        counted: dict[str, int] = await self.page.evaluate(
            """async (whom) => {
                const counted = { sound: 0, frames: 0, width: 0 };
                for (const one of ((await room.connection(whom)?.getStats()) ?? new Map()).values()) {
                    if (one.type !== "inbound-rtp") continue;
                    if (one.kind === "audio") counted.sound = one.packetsReceived;
                    else Object.assign(counted, { frames: one.framesDecoded ?? 0, width: one.frameWidth ?? 0 });
                }
                return counted;
            }""",
            whom,
        )
        return counted

    async def gets(self, what: str, whom: str) -> None:
        """Until more `sound` or `frames` of somebody arrive than have by now."""
        before = (await self.received(whom))[what]

        async def more() -> bool:
            return (await self.received(whom))[what] > before

        await until(more, f"{what} of {whom}")

    async def states(self, whom: str) -> list[str]:
        """What the page was told about the connection with somebody, in order."""
        told: list[str] = await self.page.evaluate(
            "(whom) => log.filter(([type, , detail]) => type === 'peer' && detail.participant === whom)"
            ".map(([, , detail]) => detail.state)",
            whom,
        )
        return told

    async def way(self, whom: str) -> dict[str, Any]:
        """The pair in use by the types of its candidates, how the relay is reached; and all candidates of the other."""
        found: dict[str, Any] = await self.page.evaluate(
            """async (whom) => {
                const reports = await room.connection(whom).getStats();
                const all = [...reports.values()];
                const { selectedCandidatePairId } = all.find(({ type }) => type === "transport");
                const pair = reports.get(selectedCandidatePairId);
                const [own, theirs] = [reports.get(pair.localCandidateId), reports.get(pair.remoteCandidateId)];
                const offered = all.filter(({ type }) => type === "remote-candidate");
                return {
                    pair: [own.candidateType, theirs.candidateType],
                    by: own.relayProtocol ?? "",
                    theirs: offered.map(({ address, port }) => `${address} ${port}`),
                };
            }""",
            whom,
        )
        return found


@asynccontextmanager
async def call(
    browser: Browser, ice: Callable[[Pass], Ice], *, script: str = "", **who: str
) -> AsyncIterator[dict[str, Caller]]:
    """`call(browser, ice, astrid="staff", dag="token")`: the first enters and lets in whoever knocks.

    `script` is run in each page before its own.
    """
    callers: dict[str, Caller] = {}
    complaints: list[str] = []
    async with AsyncExitStack() as opened:
        server = await opened.enter_async_context(site(Rooms(Diary(), ice=ice)))
        for name, kind in who.items():
            context = await opened.enter_async_context(new_context(browser, complaints))
            caller = callers[name] = Caller(await context.new_page())
            caller.page.on("websocket", _noting(caller))
            if script:
                await caller.page.add_init_script(script)
            await caller.page.goto(f"{server.make_url('/')}?{kind}={name}")
            await caller.page.wait_for_function("window.ready")
            await caller.page.evaluate("join()")
            if kind == "token":
                await callers[next(iter(who))].page.evaluate(
                    "async (name) => { await until(() => room.knocking.some((one) => one.participant === name));"
                    " room.admit(name); }",
                    name,
                )
            await caller.page.evaluate("until(() => room.state === 'admitted')")
        yield callers
    assert complaints == []


def through(*urls: str, **choices: Any) -> Callable[[Pass], Ice]:
    """Everybody gets credentials for these TURN servers, and goes through them alone unless told otherwise."""

    def ice(pass_: Pass) -> Ice:
        return credentials(pass_, *urls, **choices)

    return ice


def credentials(pass_: Pass, *urls: str, lasts: float = 3600, relay_only: bool = True) -> Ice:
    expires_at = time.time() + lasts
    servers = ice_servers(
        (), urls, SECRET, room=pass_.room, participant=pass_.participant, expires_at=expires_at
    )
    return Ice(servers, relay_only, expires_at)


async def until(check: Callable[[], Awaitable[bool]], what: str) -> None:
    """Waits for something to come true, and says what did not."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await check():
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise AssertionError(f"never came: {what}") from error


def _noting(caller: Caller) -> Callable[[Any], None]:
    def opened(socket: Any) -> None:
        socket.on("framereceived", lambda frame: caller.heard.append(json.loads(frame)))
        socket.on("framesent", lambda frame: caller.said.append(json.loads(frame)))

    return opened
