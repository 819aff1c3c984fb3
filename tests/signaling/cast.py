"""The people in the signaling tests, and a client made of two crossed queues instead of a socket."""

import asyncio
import json
from typing import Any

from signaling.admissions import Admission
from signaling.announcements import Err
from signaling.errors import Close, SignalingError
from signaling.hooks import Hooks
from signaling.messages import Hello, Report, parse
from signaling.outbox import Outbox
from signaling.passes import Pass
from signaling.rooms import Rooms
from signaling.seats import Seat

ROOM = "5f2c"
FOREVER = 4e9


def a_pass(participant: str, role: str, *, staff: bool = False, room: str = ROOM, **other: Any) -> Pass:
    fields: dict[str, Any] = {
        "room": room,
        "participant": participant,
        "name": participant.title(),
        "role": role,
        "organisation": f"{participant}'s organisation",
        "enters": staff,
        "admits": staff,
        "link": "" if staff else f"link of {participant}",
        "expires_at": FOREVER,
    }
    return Pass(**fields | other)


ASTRID = a_pass("astrid", "ward", staff=True)
BO = a_pass("bo", "nurse", staff=True)
ELLEN = a_pass("ellen", "patient")
DAG = a_pass("dag", "relative")
IDA = a_pass("ida", "relative")
TOKENS = {pass_.participant: pass_ for pass_ in (ELLEN, DAG, IDA)}


class Diary(Hooks):
    """Hooks that note what they are told; `says` makes one of them refuse or fail."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, ...]] = []
        self.says: dict[str, bool | Exception] = {}
        self.admissions: dict[str, Admission] = {}  # what outlived a restart
        self.devices: list[tuple[str, str]] = []
        self.forms: list[str] = []
        self.counted: list[tuple[object, ...]] = []

    async def _note(self, hook: str, *about: str) -> bool | None:
        await asyncio.sleep(0)  # as a database would, this lets others run meanwhile
        answer = self.says.get(hook)
        if isinstance(answer, Exception):
            raise answer
        if answer is not False:
            self.lines.append((hook, *about))
        return answer

    async def knocked(self, pass_: Pass, name: str, relation: str) -> bool | None:
        return await self._note("knocked", pass_.participant, name, relation)

    async def let_in(self, by: Pass, pass_: Pass, device: str) -> bool | None:
        self.devices.append((pass_.participant, device))
        return await self._note("let_in", by.participant, pass_.participant)

    async def declined(self, by: Pass, pass_: Pass) -> bool | None:
        return await self._note("declined", by.participant, pass_.participant)

    async def joined(self, pass_: Pass) -> bool | None:
        return await self._note("joined", pass_.participant)

    async def left(self, pass_: Pass) -> None:
        await self._note("left", pass_.participant)

    async def removed(self, by: Pass, pass_: Pass) -> bool | None:
        return await self._note("removed", by.participant, pass_.participant)

    async def ended(self, by: Pass) -> bool | None:
        return await self._note("ended", by.participant)

    async def formed(self, room_id: str, form: str) -> None:
        await asyncio.sleep(0)
        answer = self.says.get("formed")
        if isinstance(answer, Exception):
            raise answer
        self.forms.append(form)

    async def connected(self, pass_: Pass) -> None:
        await self._note("connected", pass_.participant)

    async def admission(self, pass_: Pass) -> Admission | None:
        await asyncio.sleep(0)
        answer = self.says.get("admission")
        if isinstance(answer, Exception):
            raise answer
        return self.admissions.get(pass_.participant)

    def returned(self, pass_: Pass) -> None:
        self.counted.append(("returned", pass_.participant))

    def reported(self, pass_: Pass, report: Report) -> None:
        self.counted.append((pass_.participant, report.first_frame, report.relayed))


class Client:
    """One socket without the socket: says messages as JSON, hears them as JSON."""

    def __init__(self, rooms: Rooms, pass_: Pass, device: str = "") -> None:
        self.rooms = rooms
        self.pass_ = pass_
        self.device = device or f"device of {pass_.participant}"
        self.outbox = Outbox()
        self.seat: Seat

    async def hello(self, **fields: Any) -> "Client":
        hello = parse(json.dumps({"type": "hello", "version": 1, "device": self.device, **fields}))
        assert isinstance(hello, Hello)
        self.seat = await self.rooms.enter(self.pass_, hello, self.outbox)
        return self

    async def say(self, type_: str, **fields: Any) -> None:
        message = parse(json.dumps({"type": type_, **fields}))
        try:
            await self.rooms.receive(self.seat, message)
        except SignalingError as error:
            self.outbox.post(Err(error.code, message.type))

    async def knock(self, name: str = "", relation: str = "") -> "Client":
        await self.hello()
        await self.say("knock", name=name, relation=relation)
        return self

    async def lose(self) -> None:
        await self.rooms.lost(self.seat)

    async def hear(self) -> list[dict[str, Any]]:
        """Everything said since the last time."""
        heard = []
        while (said := self.outbox.take()) is not None:
            heard.append(json.loads(said))
        return heard

    async def hear_types(self) -> list[str]:
        return [message["type"] for message in await self.hear()]

    async def hear_last(self, type_: str) -> dict[str, Any]:
        return [message for message in await self.hear() if message["type"] == type_][-1]

    @property
    def closed(self) -> Close | None:
        return self.outbox.closing


async def let_in(host: Client, guest: Client) -> Client:
    await guest.knock()
    await host.say("admit", participant=guest.pass_.participant)
    return guest


async def quiet(*clients: Client) -> None:
    """Forgets what these have heard so far."""
    for client in clients:
        await client.hear()
