"""Real browsers that meet through the relay only, over lines as bad as people have them."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field

from playwright.async_api import Browser

from signaling.ice import Ice
from signaling.passes import Pass
from tests.coturn import Relay
from tests.faults.calls import Caller, Message, call, credentials, through, until
from tests.shaper import Shaper

# A page that measures four times as often, by a clock that goes four times as fast: a minute of waiting for a line to
# get worse or better is a quarter of one. What the line does, and what the browser counts, stays as it is.
QUICKER = """{
    const clock = performance.now.bind(performance), every = window.setInterval.bind(window);
    performance.now = () => clock() * 4;
    window.setInterval = (callback, delay, ...more) => every(callback, delay / 4, ...more);
}"""


async def everything_arrives(callers: dict[str, Caller]) -> None:
    for what in ("sound", "frames"):
        await asyncio.gather(
            *(caller.gets(what, whom) for who, caller in callers.items() for whom in callers if whom != who)
        )


async def test_call_comes_about_with_a_tenth_of_all_packets_lost_and_a_tenth_of_a_second_each_way(
    browser: Browser, line: Shaper
) -> None:
    line.loss, line.delay = 0.1, 0.1
    async with call(browser, through(line.url), astrid="staff", bo="staff") as callers:
        await everything_arrives(callers)
        assert (await callers["bo"].way("astrid"))["pair"] == ["relay", "relay"]
        assert line.lost > 0


async def test_picture_gives_way_to_the_sound_on_a_line_that_loses_much_and_comes_back(
    browser: Browser, line: Shaper
) -> None:
    async with call(browser, through(line.url), script=QUICKER, astrid="staff", bo="staff") as callers:
        await everything_arrives(callers)
        astrid, bo = callers["astrid"], callers["bo"]
        width = (await bo.received("astrid"))["width"]

        async def paused() -> bool:
            return (await astrid.states("bo"))[-1] == "sound-only"

        async def gives_way() -> bool:
            return 0 < (await bo.received("astrid"))["width"] < width or await paused()

        async def back() -> bool:
            return (await astrid.states("bo"))[-1] == (await bo.states("astrid"))[-1] == "connected"

        line.loss = 0.06
        await until(gives_way, "a smaller picture")
        line.loss = 0.2
        await until(paused, "sound only")
        await astrid.gets("sound", "bo")
        await bo.gets("sound", "astrid")
        line.loss = 0.0
        await until(back, "the picture")
        await everything_arrives(callers)


async def test_where_nothing_of_udp_gets_through_the_call_comes_about_by_tcp(
    browser: Browser, line: Shaper, relay: Relay
) -> None:
    line.loss = 1.0
    async with call(browser, through(line.url, relay.tcp), astrid="staff", bo="staff") as callers:
        await everything_arrives(callers)
        for who, whom in (("astrid", "bo"), ("bo", "astrid")):
            way = await callers[who].way(whom)
            assert (way["pair"], way["by"]) == (["relay", "relay"], "tcp")
        assert line.lost > 0 and line.forwarded == 0


async def test_credentials_that_have_run_out_are_renewed_once_and_the_call_comes_about(
    browser: Browser, relay: Relay
) -> None:
    given: Counter[str] = Counter()

    def ice(pass_: Pass) -> Ice:
        given[pass_.participant] += 1
        ended = given[pass_.participant] == 1
        return credentials(pass_, relay.udp, relay.tcp, lasts=-60 if ended else 3600)

    async with call(browser, ice, astrid="staff", bo="staff") as callers:
        await everything_arrives(callers)
        assert given == {"astrid": 2, "bo": 2}
        for caller in callers.values():
            assert [one["type"] for one in caller.said].count("turn") == 1
            assert [one for one in caller.heard if one["type"] == "err"] == []


async def test_guest_who_goes_through_the_relay_shows_nobody_an_address(
    browser: Browser, relay: Relay
) -> None:
    def ice(pass_: Pass) -> Ice:
        return credentials(pass_, relay.udp, relay_only=not pass_.enters)

    async with call(browser, ice, astrid="staff", dag="token") as callers:
        await everything_arrives(callers)
        of_dag, of_astrid = (said_of_addresses(callers[who].heard) for who in ("astrid", "dag"))
        assert of_dag.candidates and all(" typ relay" in one for one in of_dag.candidates)
        assert all(" raddr 0.0.0.0 rport 9" in one for one in of_dag.candidates)
        assert of_dag.elsewhere == {"0.0.0.0"}
        # Staff's own are not hidden, so the lines above can fail.
        assert any(" typ host" in one for one in of_astrid.candidates)
        assert of_astrid.elsewhere != {"0.0.0.0"}
        # Nor does an address of the guest's come with the packets themselves.
        relayed = {" ".join(one.split()[4:6]) for one in of_dag.candidates}
        found = await callers["astrid"].way("dag")
        assert found["theirs"] and set(found["theirs"]) <= relayed
        assert (await callers["dag"].way("astrid"))["pair"][0] == "relay"


@dataclass
class SaidOfAddresses:
    """Every candidate one browser was told of by another, and every address that stood beside them."""

    candidates: list[str] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)


def said_of_addresses(heard: list[Message]) -> SaidOfAddresses:
    said = SaidOfAddresses()
    for message in heard:
        if message["type"] == "description":
            sdp = message["description"]["sdp"]
            said.candidates += re.findall(r"candidate:[^\r\n]+", sdp)
            said.elsewhere |= set(re.findall(r"IN IP[46] (\S+)", sdp))
        elif message["type"] == "candidate" and message["candidate"] and message["candidate"]["candidate"]:
            said.candidates.append(message["candidate"]["candidate"])
    return said
