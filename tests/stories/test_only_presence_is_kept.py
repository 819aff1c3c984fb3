"""What is kept of a talk is who was there and how long: nothing of what they said, showed, or how well it went."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from handover.store import stays
from handover.store.engine import Tx
from tests.bookings import TEN
from tests.cast import Cast
from tests.stories.conftest import House, book, link_in
from tests.stories.test_relative_joins import Line, dial

PLANTED = {
    "sdp": "v=0 planted-session-description",
    "candidate": "candidate:1 1 udp 2122 192.0.2.77 50077 typ host planted-candidate",
    "text": "planted words about the fatigue",
    "fingerprint": "sha-256 " + ":".join(["5A"] * 32),
    "device": "planted-device-0123456789",
    "notice": "planted-notice",
}
QUALITY = "poor"


async def test_a_talk_full_of_words_leaves_only_who_was_there(
    house: House, cast: Cast, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    astrid = await house.staff("astrid@ward.example")
    talk = await book(astrid, TEN, nurse=cast.bo.actor)
    (mail,) = await house.mails_to("dag@post.example")
    token = link_in(mail, "/j/").split("/j/")[1]
    house.clock.now = TEN
    bo = await house.staff("bo@kommune.example")
    host = await dial(bo, talk, fingerprint=PLANTED["fingerprint"])
    await host.hear("admitted")
    dag = await dial_as_dag(house, talk, token)
    await dag.say(type="knock", name="Dag", relation="son")
    waits: dict[str, Any] = {"knocking": []}
    while not waits["knocking"]:
        waits = await host.hear("knocking")
    await host.say(type="admit", participant=waits["knocking"][0]["participant"])
    me = waits["knocking"][0]["participant"]
    admitted = await dag.hear("admitted")
    (nurse,) = [one["participant"] for one in admitted["roster"] if one["role"] == "nurse"]
    make = await host.hear("make")
    offerer, other = (host, me) if make["offerer"] == nurse else (dag, nurse)
    generation = make["generation"]
    await offerer.say(
        type="description", to=other, generation=generation,
        description={"type": "offer", "sdp": PLANTED["sdp"]},
    )  # fmt: skip
    for line, to in ((host, me), (dag, nurse)):
        await line.say(
            type="candidate", to=to, generation=generation,
            candidate={"candidate": PLANTED["candidate"], "sdpMid": "0", "sdpMLineIndex": 0},
        )  # fmt: skip
        await line.say(type="media", microphone=True, camera=True, pictures=True, quality=QUALITY)
        await line.say(type="text", line=1, text=PLANTED["text"], done=True)
        await line.say(type="report", first_frame=1234, relayed=True)
    await host.say(type="notify", message=PLANTED["notice"])
    # Everything planted has gone through the server before anybody looks.
    assert (await host.hear("text"))["text"] == PLANTED["text"]
    assert (await dag.hear("text"))["text"] == PLANTED["text"]
    house.clock.forward(600)
    for line in (dag, host):
        await line.say(type="bye")
        await line.socket.receive(timeout=20)
    async with asyncio.timeout(20):
        while any(stay.left_at is None for stay in house.store.read_now(stays.of_talk, talk)):
            await asyncio.sleep(0.05)

    kept = house.store.read_now(stays.of_talk, talk)
    assert sorted((stay.name, stay.way, (stay.left_at or 0) - stay.joined_at) for stay in kept) == [
        ("Bo Madsen", "device", 600),
        ("Dag", "device", 600),
    ]
    bytes_kept = b"".join(path.read_bytes() for path in tmp_path.glob("handover.db*"))
    logged = "\n".join(record.getMessage() for record in caplog.records)
    for what, planted in PLANTED.items():
        assert planted.encode() not in bytes_kept, what
        assert planted not in logged, what
    assert house.store.read_now(cells_with, {QUALITY, 1234, 1.234}) == []


async def dial_as_dag(house: House, talk: str, token: str) -> Line:
    visitor = await house.somebody()
    socket = await visitor.http.ws_connect(f"/rooms/{talk}/ws", headers={"Origin": visitor.origin})
    line = Line(socket)
    await line.say(
        type="hello", version=1, token=token, device=PLANTED["device"], fingerprint=PLANTED["fingerprint"]
    )
    return line


def cells_with(tx: Tx, wanted: set[Any]) -> list[tuple[str, Any]]:
    """Every cell of the whole database that holds exactly one of these."""
    tables = [row[0] for row in tx.tuples("select name from sqlite_master where type = 'table'")]
    return [
        (table, value)
        for table in tables
        for row in tx.tuples(f"select * from {table}")
        for value in row
        if isinstance(value, int | float | str) and value in wanted
    ]
