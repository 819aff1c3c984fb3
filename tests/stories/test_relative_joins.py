"""A relative joins: by the mailed link, through the waiting room, let in by a person."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientWebSocketResponse

from tests.bookings import TEN
from tests.cast import Cast
from tests.stories.conftest import House, book, link_in
from tests.visitor import Visitor


class Line:
    """One socket to the room."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def hear(self, *types: str) -> dict[str, Any]:
        """The next message of one of these types."""
        while True:
            message: dict[str, Any] = await self.socket.receive_json(timeout=10)
            if message["type"] in types:
                return message


async def dial(visitor: Visitor, talk: str, **hello: Any) -> Line:
    socket = await visitor.http.ws_connect(f"/rooms/{talk}/ws", headers={"Origin": visitor.origin})
    line = Line(socket)
    await line.say(type="hello", version=1, device="0123456789abcdef-device", **hello)
    return line


async def test_dag_waits_knowing_nothing_is_let_in_and_comes_back_without_knocking(
    house: House, cast: Cast
) -> None:
    astrid = await house.staff("astrid@ward.example")
    talk = await book(astrid, TEN, nurse=cast.bo.actor)
    (mail,) = await house.mails_to("dag@post.example")
    link = link_in(mail, "/j/")
    token = link.split("/j/")[1]

    house.clock.now = TEN - 300
    dag = await house.somebody()
    opened = await dag.get(link)
    assert opened.status == 200
    assert "I am ready" in opened.text
    assert "Bo Madsen" not in opened.text
    bo = await house.staff("bo@kommune.example")
    host = await dial(bo, talk)
    assert (await host.hear("admitted"))["roster"][0]["name"] == "Bo Madsen"

    waiting = await dial(dag, talk, token=token)
    await waiting.say(type="knock", name="Dag from abroad", relation="son")
    await waiting.hear("waiting")
    await waiting.say(type="description", to="x", generation=1, description={"type": "offer", "sdp": "v=0"})
    assert (await waiting.hear("err", "roster", "admitted"))["type"] == "err"
    (knock,) = (await host.hear("knocking"))["knocking"] or (await host.hear("knocking"))["knocking"]
    assert (knock["name"], knock["relation"], knock["role"]) == ("Dag from abroad", "son", "relative")

    await host.say(type="admit", participant=knock["participant"])
    admitted = await waiting.hear("admitted")
    assert {person["name"] for person in admitted["roster"]} == {"Bo Madsen", "Dag from abroad"}
    await waiting.socket.close()
    again = await dial(dag, talk, token=token)
    assert (await again.hear("admitted", "waiting"))["type"] == "admitted"


async def test_opening_the_link_many_times_changes_nothing(house: House) -> None:
    astrid = await house.staff("astrid@ward.example")
    await book(astrid, TEN)
    (mail,) = await house.mails_to("dag@post.example")
    link = link_in(mail, "/j/")
    house.clock.now = TEN - 300
    before = house.store.read_now(
        lambda tx: (tx.tuples("select * from seats"), tx.value("select count(*) from audit"))
    )
    scanner = await house.somebody()
    for _ in range(10):
        assert (await scanner.get(link)).status == 200
        async with scanner.http.head(link) as head:
            assert head.status == 200
    after = house.store.read_now(
        lambda tx: (tx.tuples("select * from seats"), tx.value("select count(*) from audit"))
    )
    assert after == before


async def test_withdrawn_consent_sends_the_nurse_out_at_once(house: House, cast: Cast) -> None:
    astrid = await house.staff("astrid@ward.example")
    talk = await book(astrid, TEN, nurse=cast.bo.actor)
    house.clock.now = TEN - 300
    astrid = await house.staff("astrid@ward.example")
    bo = await house.staff("bo@kommune.example")
    line = await dial(bo, talk)
    await line.hear("admitted")
    consent = house.store.read_now(
        lambda tx: tx.value("select id from consents where talk = :talk", talk=talk)
    )
    answer = await astrid.post(f"/talks/{talk}/consents/{consent}/withdraw")
    assert answer.status == 303, answer.text
    await line.hear("removed", "ended")
    assert (await bo.get(f"/talks/{talk}")).status == 404
    refused = await dial(bo, talk)
    message = await refused.socket.receive(timeout=10)
    assert message.data == 4401
