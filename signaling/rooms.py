"""All rooms of one server, as their owner sees them: enter, tell, expel, close, who waits, who is present."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from signaling import messages as m
from signaling.admissions import device_digest
from signaling.announcements import KnockingEntry, Pong, RosterEntry
from signaling.errors import Close, NotAllowed
from signaling.hooks import Hooks
from signaling.ice import Ice
from signaling.outbox import Outbox, seal
from signaling.passes import Pass
from signaling.room import Room
from signaling.room_state import RoomState
from signaling.rules import GRACE_FOR, KEPT_FOR, SEATS, Rules
from signaling.seats import Seat

SWEEP_EVERY = 60.0  # seconds between looks for rooms that nobody can return to


@dataclass(frozen=True, eq=False)
class Watcher:
    """A host's page that sees who knocks in some rooms, and may answer, without a seat in any."""

    passes: Mapping[str, Pass]  # by room
    outbox: Outbox


def _no_ice(pass_: Pass) -> Ice:
    return Ice()


class Rooms:
    """Every room that somebody is in, waits for, or may return to without knocking."""

    def __init__(
        self,
        hooks: Hooks,
        *,
        ice: Callable[[Pass], Ice] = _no_ice,
        sign: Callable[[bytes], str] | None = None,
        reserved: Iterable[str] = (),
        seats: int = SEATS,
        kept_for: float = KEPT_FOR,
        grace_for: float = GRACE_FOR,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rules = Rules(hooks, ice, clock, sign, seats, tuple(reserved), kept_for, grace_for)
        self._rooms: dict[str, Room] = {}
        self._watchers: set[Watcher] = set()
        self._sweep_at = 0.0

    async def enter(self, pass_: Pass, hello: m.Hello, outbox: Outbox) -> Seat:
        """A seat for a socket that has said who it is; inside, or free to knock, or hung up on."""
        device = device_digest(hello.device) if hello.device else ""
        seat = Seat(pass_, outbox, device, hello.fingerprint)
        if hello.version != m.VERSION:
            seat.refuse(Close.WRONG_VERSION)
        elif pass_.expires_at <= self._rules.clock():
            seat.refuse(Close.BAD_TOKEN)
        else:
            self._forget_empty()
            await self._room(pass_.room).enter(seat, hello.holding)
        return seat

    async def receive(self, seat: Seat, message: m.FromClient) -> None:
        """Carries out one message of a seat; raises a SignalingError when it is not carried out."""
        room = self._rooms.get(seat.pass_.room)
        if room is None:
            raise NotAllowed("the room is closed")
        await room.receive(seat, message)

    async def lost(self, seat: Seat) -> None:
        """The seat's socket is gone."""
        if room := self._rooms.get(seat.pass_.room):
            await room.lost(seat)

    def watch(self, passes: Iterable[Pass], outbox: Outbox) -> Watcher:
        """Sends the knocks of these rooms, now and at every change; passes that admit nobody are left out."""
        watcher = Watcher({pass_.room: pass_ for pass_ in passes if pass_.admits}, outbox)
        self._watchers.add(watcher)
        for room_id in watcher.passes:
            if (room := self._rooms.get(room_id)) and room.queue.seats:
                outbox.post(room.knocking())
        return watcher

    def unwatch(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)

    async def receive_from_watcher(self, watcher: Watcher, message: m.FromClient) -> None:
        match message:
            case m.Ping():
                watcher.outbox.post(Pong())
            case m.Bye():
                watcher.outbox.close(Close.LEFT)
            case m.Admit() | m.Decline():
                pass_ = watcher.passes.get(message.room or "")
                room = self._rooms.get(message.room or "")
                if pass_ is None or room is None:
                    raise NotAllowed("that room is not watched here")
                await room.answer(pass_, message, still=lambda: None)
            case m.Notify():
                pass_ = watcher.passes.get(message.room or "")
                if pass_ is None:
                    raise NotAllowed("that room is not watched here")
                self._room(pass_.room).queue.notify(pass_, message)  # also before anybody has come
            case _:
                raise NotAllowed(f"{message.type} is not allowed here")

    def tell(self, room_id: str, payload: Mapping[str, Any], to: Callable[[Pass], bool]) -> None:
        """An `event` of the owner's own making, to admitted seats connected now. It is not repeated."""
        if room := self._rooms.get(room_id):
            room.inside.tell(payload, to)

    async def expel(self, room_id: str, participant: str) -> None:
        """For a withdrawn link or consent: out now, and no way back without a new admission."""
        for watcher in self._watchers:
            pass_ = watcher.passes.get(room_id)
            if pass_ and pass_.participant == participant:
                watcher.outbox.close(Close.NOT_ALLOWED)
        if room := self._rooms.get(room_id):
            await room.expel(participant)

    async def close(self, room_id: str, reason: str) -> None:
        """Sends everybody out with a reason for the page (`ended`, `cancelled`, ...)."""
        if room := self._rooms.get(room_id):
            await room.close(reason)

    def waiting(self, room_id: str) -> list[KnockingEntry]:
        room = self._rooms.get(room_id)
        return room.queue.entries() if room else []

    def present(self, room_id: str) -> list[RosterEntry]:
        room = self._rooms.get(room_id)
        return room.inside.roster() if room else []

    def state(self, room_id: str) -> RoomState:
        """What the room is going through; one that nobody has come to, or that is forgotten, is scheduled."""
        room = self._rooms.get(room_id)
        return room.state if room else RoomState.SCHEDULED

    def everybody(self, room_id: str) -> frozenset[str]:
        """The participants who sit in a room, wait for it, or watch it."""
        sitting = {entry.participant for entry in self.present(room_id)}
        waiting = {entry.participant for entry in self.waiting(room_id)}
        watching = {
            watcher.passes[room_id].participant for watcher in self._watchers if room_id in watcher.passes
        }
        return frozenset(sitting | waiting | watching)

    def _room(self, room_id: str) -> Room:
        room = self._rooms.get(room_id)
        if room is None:
            room = self._rooms[room_id] = Room(room_id, self._rules, self._tell_watchers)
        return room

    def _tell_watchers(self, room: Room) -> None:
        watching = [watcher for watcher in self._watchers if room.id in watcher.passes]
        if watching:
            knocking = seal(room.knocking())
            for watcher in watching:
                watcher.outbox.post(knocking)

    def _forget_empty(self) -> None:
        now = self._rules.clock()
        if now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_EVERY
        self._rooms = {room_id: room for room_id, room in self._rooms.items() if not room.forgettable(now)}
