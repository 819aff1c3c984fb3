"""A hundred thousand messages that no client of ours would send, from every place in a room: nobody else notices."""

import contextlib
import json
import logging
from collections import Counter
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Any

import aiohttp
import pytest

from signaling.errors import Close, SignalingError
from signaling.messages import parse
from signaling.outbox import Outbox
from signaling.rooms import Rooms
from signaling.seats import State
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, ROOM, Client, Diary, a_pass, let_in, quiet
from tests.signaling.dialing import Dial
from tests.signaling.nonsense import CURRENT, nonsense

SEED = 20261121
MESSAGES = 100_000
EFFECTS = {"welcome", "waiting", "notice", "admitted", "ice", "roster", "knocking", "make", "restart"} | {
    "description", "candidate", "text", "declined", "removed", "replaced", "ended", "pong", "err"
}  # fmt: skip
ERRORS = {kind.code for kind in SignalingError.__subclasses__()}


@lru_cache(maxsize=64)
def kind_of(said: str) -> str:
    """The type of a server's message, which comes from nobody else than the attacker, whoever they claim to be."""
    message = json.loads(said)
    assert message.get("from", "mallory") == "mallory"
    return str(message["type"])


class Attacker:
    """Somebody who sends nonsense from one place in a room, and comes back to that place whenever it is lost."""

    def __init__(self, rooms: Rooms, place: str) -> None:
        self.rooms = rooms
        self.place = place
        host = place == "host"
        room = "room of the host" if host else ROOM
        self.pass_ = a_pass("mallory", "nurse" if host else "relative", staff=host, room=room)
        self.client: Client

    async def ready(self, hosts: Client) -> None:
        self.client = await Client(self.rooms, self.pass_).hello()
        if self.place in ("waiting", "inside"):
            await self.client.say("knock")
        if self.place == "inside":
            await hosts.say("admit", participant="mallory")
        expected = {"connecting": State.CONNECTING, "waiting": State.WAITING}
        assert self.client.seat.state is expected.get(self.place, State.ADMITTED)

    async def send(self, text: str) -> str:
        """What became of it: an error's code, or `done`."""
        try:
            await self.rooms.receive(self.client.seat, parse(text))
        except SignalingError as error:
            return error.code
        return "done"


@pytest.mark.parametrize("place", ["connecting", "waiting", "inside", "host"])
async def test_nonsense_from_anywhere_in_a_room_harms_nobody(
    place: str, diary: Diary, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "signaling.queue.KNOCKS", MESSAGES
    )  # however often they are thrown out, they come back
    rooms = Rooms(diary, clock=lambda: 1000.0, seats=8)
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    ellen = await let_in(astrid, Client(rooms, ELLEN))
    dag = await Client(rooms, DAG).knock()
    witnesses = await other_room(rooms)
    attacker = Attacker(rooms, place)
    await attacker.ready(astrid)
    honest = [astrid, bo, ellen, dag]
    outcomes: Counter[str] = Counter()
    effects: Counter[str] = Counter()
    for text in islice(nonsense(Random(f"{SEED} {place}")), MESSAGES // 5):
        pair = rooms._rooms[ROOM].inside.pairs._pairs.get(frozenset(("bo", "mallory")))
        text = text.replace(f'"{CURRENT}"', str(pair.generation if pair else 1))
        outcomes[await attacker.send(text)] += 1
        for client in (attacker.client, *honest):
            for said in client.outbox.take_all():
                effects[kind_of(said)] += 1
        if attacker.client.closed:
            await attacker.ready(astrid)
    assert set(outcomes) - {"done"} <= ERRORS and set(effects) <= EFFECTS
    assert {"done", "malformed", "unsupported", "not-allowed"} <= set(outcomes)
    if place == "inside":
        assert {"description", "candidate", "make", "restart", "text", "roster"} <= set(effects)
    assert [client.closed for client in honest] == [None] * 4
    assert [client.seat.state for client in honest] == [State.ADMITTED] * 3 + [State.WAITING]
    assert [await witness.hear() for witness in witnesses] == [[]] * 3
    await still_works(astrid, bo)
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_nonsense_from_a_watching_page_harms_nobody(
    diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    rooms = Rooms(diary, clock=lambda: 1000.0)
    bo, witnesses = await Client(rooms, BO).hello(), await other_room(rooms)
    watcher, outcomes = rooms.watch([ASTRID], Outbox()), Counter[str]()
    for text in islice(nonsense(Random(f"{SEED} watching")), MESSAGES // 5):
        try:
            await rooms.receive_from_watcher(watcher, parse(text))
            outcomes["done"] += 1
        except SignalingError as error:
            outcomes[error.code] += 1
        await bo.hear()
        watcher.outbox.take_all()
        if watcher.outbox.closing:
            watcher = rooms.watch([ASTRID], Outbox())
    assert {"done", "malformed", "unsupported", "not-allowed", "not-waiting"} <= set(outcomes)
    assert set(outcomes) - {"done"} <= ERRORS
    assert bo.closed is None
    assert [await witness.hear() for witness in witnesses] == [[]] * 3
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def other_room(rooms: Rooms) -> list[Client]:
    """Two in a call and one who waits, in a room where the nonsense is not sent; two of them bear names it uses."""
    other = {"room": "another room"}
    astrid = await Client(rooms, a_pass("astrid", "ward", staff=True, **other)).hello()
    witness = await Client(rooms, a_pass("witness", "nurse", staff=True, **other)).hello()
    dag = await Client(rooms, a_pass("dag", "relative", **other)).knock()
    await quiet(astrid, witness, dag)
    return [astrid, witness, dag]


async def still_works(one: Client, other: Client) -> None:
    """Both can still make their connection anew and pass a candidate on."""
    generation = one.rooms._rooms[ROOM].inside.pairs._pairs[frozenset(("astrid", "bo"))].generation
    await one.say("recreate", peer="bo", generation=generation)
    generation = (await other.hear_last("make"))["generation"]
    await one.say("candidate", to="bo", generation=generation, candidate=None)
    assert await other.hear() == [
        {"type": "candidate", "from": "astrid", "generation": generation, "candidate": None}
    ]


async def test_nonsense_over_real_sockets_ends_the_socket_at_most(
    dial: Dial, caplog: pytest.LogCaptureFixture
) -> None:
    astrid, bo = await dial("astrid"), await dial("bo")
    generation = (await bo.hear("make"))["generation"]
    frames = nonsense(Random(SEED))
    codes: Counter[int | None] = Counter()
    for number in range(60):
        ellen = await dial(token="ellen")
        await ellen.say("knock", name="Ellen", relation="")
        with contextlib.suppress(aiohttp.ClientConnectionError):
            for text in islice(frames, number % 15):  # a dozen bad ones are taken for a flood
                await ellen.ws.send_str(text.encode(errors="replace").decode())
            if number % 6 == 0:
                await ellen.ws.send_bytes(b"\x00")
            await ellen.say("bye")
        heard, code = await ellen.rest()
        codes[code] += 1
        assert {message["type"] for message in heard} <= {"welcome", "waiting", "pong", "err"}
    documented: set[Any] = {why.code for why in Close} | {1009}
    assert set(codes) - {1006} <= documented  # 1006: closed while the rest of a megabyte was still coming
    assert {1000, 1003} <= set(codes)
    await astrid.say("candidate", to="bo", generation=generation, candidate=None)
    assert (await bo.hear("candidate"))["from"] == "astrid"
    assert [record for record in caplog.records if record.levelno > logging.WARNING] == []
