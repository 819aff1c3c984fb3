"""Participants without a browser: all pairs meet over real ICE, also with Chromium, and nothing is left of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser

from signaling.peers import media
from signaling.peers.connection import resolvable
from signaling.peers.participant import Gone, Participant
from signaling.rooms import Rooms
from tests.chromium import new_context
from tests.signaling.cast import ROOM
from tests.signaling.site import site

PATIENCE = 30  # seconds
Come = Callable[[str], Participant]


@pytest.fixture
async def server(rooms: Rooms) -> AsyncIterator[TestServer]:
    async with site(rooms) as server:
        yield server


@pytest.fixture
async def come(server: TestServer) -> AsyncIterator[Come]:
    """`come("astrid")`: one of the cast, staff or guest, not yet inside."""
    clip = media.encode()
    async with aiohttp.ClientSession() as session:

        def come(who: str) -> Participant:
            guest = who not in ("astrid", "bo")
            url = str(server.make_url(f"/rooms/{ROOM}/ws?staff={'' if guest else who}"))
            origin = str(server.make_url("/")).rstrip("/")
            return Participant(
                session, url, origin=origin, clip=clip, token=who if guest else None, name="Dag"
            )

        yield come


async def meets(one: Participant, *others: str, more: int = 5) -> None:
    """Waits until pictures and sound from each of the others are more than they were."""

    def came(other: str) -> tuple[int, int]:
        connection = one.connections.get(other)
        return (connection.pictures, connection.sounds) if connection else (0, 0)

    before = {other: came(other) for other in others}

    def keeps_coming(other: str) -> bool:
        return all(now >= then + more for now, then in zip(came(other), before[other], strict=True))

    async with asyncio.timeout(PATIENCE):
        await one.until(lambda: all(keeps_coming(other) for other in others))


async def test_three_in_a_room_see_and_hear_each_other_and_leave_nothing_behind(
    come: Come, rooms: Rooms
) -> None:
    threads = threading.active_count()
    async with asyncio.timeout(PATIENCE), come("astrid") as astrid, come("bo") as bo, come("dag") as dag:
        await dag.until(lambda: dag.waiting)
        assert (dag.roster, dag.connections) == ([], {})
        await bo.until(lambda: bo.knocking)
        assert [entry["name"] for entry in bo.knocking] == ["Dag"]
        await bo.admit("dag")
        await meets(astrid, "bo", "dag")
        await meets(bo, "astrid", "dag")
        await meets(dag, "astrid", "bo")
        assert sorted(entry["participant"] for entry in dag.roster) == ["astrid", "bo", "dag"]
        connection = dag.connections["bo"]
        assert dag.admitted_at is not None and connection.first_picture is not None
        assert connection.first_picture > dag.admitted_at
    assert rooms.present(ROOM) == []
    assert [connection.rtc.connectionState for connection in dag.connections.values()] == ["closed", "closed"]
    assert threading.active_count() <= threads + 1  # the loop's own pool may have grown


async def test_connection_asked_for_anew_is_made_anew(come: Come) -> None:
    async with asyncio.timeout(PATIENCE), come("astrid") as astrid, come("bo") as bo:
        await meets(astrid, "bo")
        old = bo.connections["astrid"]
        await bo._recreate("astrid")
        await bo.until(lambda: bo.connections["astrid"] is not old)
        assert bo.connections["astrid"].generation > old.generation
        await meets(astrid, "bo")
        await meets(bo, "astrid")


async def test_participant_who_is_sent_away_says_so(come: Come, rooms: Rooms) -> None:
    async with asyncio.timeout(PATIENCE), come("bo") as bo, come("dag") as dag:
        await bo.until(lambda: bo.knocking)
        await rooms.expel(ROOM, "dag")
        with pytest.raises(Gone) as told:
            await dag.until(lambda: dag.admitted_at)
        assert told.value.code == 4403
        await bo.end()
        with pytest.raises(Gone):
            await bo.until(lambda: False)


async def test_wrong_link_and_wrong_origin_are_told_apart(come: Come, server: TestServer) -> None:
    async with asyncio.timeout(PATIENCE), come("nobody") as nobody:
        with pytest.raises(Gone) as told:
            await nobody.until(lambda: nobody.waiting)
        assert told.value.code == 4401
    stranger = come("bo")
    stranger._headers["Origin"] = "http://elsewhere.example"
    with pytest.raises(Gone) as refused:
        async with stranger:
            pass
    assert refused.value.code == 403


async def test_chromium_meets_them_whoever_offers(come: Come, server: TestServer, browser: Browser) -> None:
    complaints: list[str] = []
    async with new_context(browser, complaints) as context, asyncio.timeout(2 * PATIENCE):
        page = await context.new_page()
        await page.goto(f"{server.make_url('/')}?staff=astrid")
        await page.wait_for_function("window.ready")
        async with come("bo") as bo:
            await bo.until(lambda: bo.admitted_at)
            await page.evaluate("join()")  # the one who was there first offers
            await meets(bo, "astrid")
            await page.evaluate("until(() => rising('frames', ['bo'], {bo: {frames: 10}}))")
            async with come("dag") as dag:
                await bo.until(lambda: bo.knocking)
                await bo.admit("dag")
                await meets(dag, "astrid", "bo")
                await page.evaluate("until(() => rising('frames', ['bo', 'dag'], {dag: {frames: 10}}))")
                await page.evaluate("until(() => rising('samples', ['bo', 'dag']))")
        await page.evaluate("room.leave()")
    assert complaints == []


def test_description_keeps_everything_but_hidden_addresses_and_the_end_of_candidates() -> None:
    hidden = "a=candidate:1 1 udp 2122 4f1c-a.local 50000 typ host"
    shown = "a=candidate:2 1 udp 2122 192.0.2.2 50001 typ host"
    lines = ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", hidden, shown, "a=end-of-candidates", "a=sendrecv"]
    kept = ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", shown, "a=sendrecv"]
    assert resolvable("\r\n".join(lines) + "\r\n") == "\r\n".join(kept) + "\r\n"
