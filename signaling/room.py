"""One room: who waits, who is inside, and every move between; knows no socket and no clock of its own."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from signaling import announcements as say
from signaling import messages as m
from signaling.errors import Close, NotAllowed, NotWaiting, RoomFull, SignalingError, Unavailable
from signaling.hooks import ask, tell
from signaling.pairs import Pairs
from signaling.passes import Pass
from signaling.rules import Admission, Rules
from signaling.seats import Seat, State

ENTERING_FAILED = {RoomFull: Close.FULL, Unavailable: Close.UNAVAILABLE}


class Room:
    """The state machine. Every change of admission happens under one lock, after the owner's hook agreed."""

    def __init__(self, room_id: str, rules: Rules, changed: Callable[["Room"], None]) -> None:
        self.id = room_id
        self.queue: dict[str, Seat] = {}
        self.inside: dict[str, Seat] = {}
        self._rules = rules
        self._changed = changed
        self._lock = asyncio.Lock()
        self._seats: set[Seat] = set()
        self._admissions: dict[str, Admission] = {}
        self._pairs = Pairs(first_generation=int(rules.clock()))
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def talking(self) -> bool:
        return sum(seat.live for seat in self.inside.values()) >= 2

    def forgettable(self, now: float) -> bool:
        """Nobody is here and nobody may come back without knocking."""
        busy = self._seats or self.queue or self.inside or self._tasks or self._lock.locked()
        return not busy and all(admission.expires_at <= now for admission in self._admissions.values())

    def knocking(self) -> say.Knocking:
        return say.Knocking(self.id, self.talking, [seat.knocking_entry() for seat in self.queue.values()])

    async def enter(self, seat: Seat, holding: tuple[m.Held, ...]) -> None:
        """After a good hello: straight to a seat for those who may, else the socket may knock."""
        async with self._lock:
            self._seats.add(seat)
            pass_ = seat.pass_
            seat.post(say.Welcome(m.VERSION, pass_.participant, pass_.name, pass_.role, pass_.admits))
            admission = self._admissions.get(pass_.participant)
            if admission and seat.device in admission.devices:
                seat.name, seat.relation = admission.name, admission.relation
            elif not pass_.enters:
                return  # it may knock
            try:
                await self._take_seat(seat, holding)
            except SignalingError as error:
                self._seats.discard(seat)
                seat.post(say.Err(error.code, m.Hello.type, error.detail))
                seat.refuse(ENTERING_FAILED.get(type(error), Close.NOT_ALLOWED))

    async def receive(self, seat: Seat, message: m.FromClient) -> None:
        """Carries one message out; raises a SignalingError when it is not, with nothing changed."""
        seat.check(message.type)
        match message:
            case m.Description() | m.Candidate():
                if peer := self.inside.get(message.to):
                    self._pairs.relay(seat, peer, message)
            case m.Recreate():
                if (peer := self.inside.get(message.peer)) and peer is not seat:
                    self._pairs.recreate(seat, peer, message.generation)
            case m.Media():
                seat.microphone, seat.camera = message.microphone, message.camera
                seat.pictures = message.pictures
                self._share_roster()
            case m.Company():
                seat.company = message.people
                self._share_roster()
            case m.Ping():
                seat.post(say.Pong())
            case m.Knock():
                await self._knock(seat, message)
            case m.Admit() | m.Decline():
                await self.answer(seat.pass_, message, still=lambda: seat.check(message.type))
            case m.Remove():
                await self._remove(seat, message.participant)
            case m.End():
                await self._end(seat)
            case m.Bye():
                await self._bye(seat)

    async def lost(self, seat: Seat) -> None:
        """The socket is gone. A place in the queue or at the table is kept for a while."""
        seat.live = False
        async with self._lock:
            self._seats.discard(seat)
            if self.inside.get(seat.participant) is seat:
                seat.move(State.AWAY)
                self._keep(seat)
                self._share_roster()
                self._share_knocking()
            elif self.queue.get(seat.participant) is seat:
                self._keep(seat)
                self._share_knocking()
            elif seat.state is State.CONNECTING:
                seat.move(State.LEFT)

    async def answer(self, by: Pass, answer: m.Admit | m.Decline, still: Callable[[], None]) -> None:
        """A host's yes or no to a knock; of two hosts the first decides. `still` checks under the lock."""
        if answer.room not in (None, self.id):
            raise NotAllowed("that is another room")
        async with self._lock:
            still()
            guest = self.queue.get(answer.participant)
            if guest is None:
                raise NotWaiting("nobody of that name waits")
            if isinstance(answer, m.Admit):
                await self._admit(by, guest)
            else:
                await ask(self._rules.hooks.declined(by, guest.pass_))
                self._send_away(guest, say.Declined(), Close.NOT_ALLOWED)
                self._share_knocking()

    async def expel(self, participant: str) -> None:
        """Forgets the admission and closes every socket of a participant."""
        async with self._lock:
            self._admissions.pop(participant, None)
            inside = self.inside.get(participant)
            for seat in self._all_seats():
                if seat.participant == participant:
                    self._send_away(seat, say.Removed(), Close.NOT_ALLOWED)
            if inside:
                await tell(self._rules.hooks.left(inside.pass_))
            self._share_roster()
            self._share_knocking()

    async def close(self, reason: str) -> None:
        """Says why to everyone and lets all go, with every admission forgotten."""
        async with self._lock:
            await self._close(reason)

    def tell(self, payload: Mapping[str, Any], to: Callable[[Pass], bool]) -> None:
        for seat in self.inside.values():
            if to(seat.pass_):
                seat.post(say.Event(payload))

    async def _knock(self, seat: Seat, knock: m.Knock) -> None:
        async with self._lock:
            seat.check(knock.type)
            if seat.state is State.ADMITTED:
                return  # sent together with hello by somebody who needed no second admission
            name = knock.name or seat.pass_.name
            old = self.queue.get(seat.participant)
            if old is None or (old.name, old.relation) != (name, knock.relation):
                await ask(self._rules.hooks.knocked(seat.pass_, name, knock.relation))
            if old is not seat:
                seat.since = int(self._rules.clock())
                if old:
                    seat.take_over(old)
                    self._replace(old)
                seat.second_device = seat.second_device or seat.participant in self.inside
                seat.move(State.WAITING)
                self.queue[seat.participant] = seat
            seat.name, seat.relation = name, knock.relation
            seat.post(say.Waiting())
            self._share_knocking()

    async def _admit(self, by: Pass, guest: Seat) -> None:
        if guest.participant not in self.inside and not self._has_room_for(guest.pass_):
            raise RoomFull("every seat is taken or kept for somebody")
        await ask(self._rules.hooks.let_in(by, guest.pass_))
        known = self._admissions.get(guest.participant)
        devices = known.devices if known else set()
        if guest.device:
            devices.add(guest.device)
        self._admissions[guest.participant] = Admission(
            guest.pass_.expires_at, guest.name, guest.relation, devices
        )
        if guest.live:
            await self._take_seat(guest, ())
        else:  # its socket dropped meanwhile; it takes its seat when it dials again
            del self.queue[guest.participant]
            guest.forget_timer()
            guest.move(State.LEFT)
            self._share_knocking()

    async def _take_seat(self, seat: Seat, holding: tuple[m.Held, ...]) -> None:
        old = self.inside.get(seat.participant)
        if old is None:
            if not self._has_room_for(seat.pass_):
                raise RoomFull("every seat is taken or kept for somebody")
            await ask(self._rules.hooks.joined(seat.pass_))
        elif seat.state is State.CONNECTING:
            seat.take_over(old)
        if old:
            self._replace(old)
        if self.queue.get(seat.participant) is seat:
            del self.queue[seat.participant]
        seat.move(State.ADMITTED)
        self.inside[seat.participant] = seat
        seat.post(say.Admitted(self._rules.ice(seat.pass_), self._roster()))
        present = [peer for peer in self.inside.values() if peer is not seat and peer.live]
        self._pairs.join(seat, present, holding)
        self._share_roster(but=seat)
        self._share_knocking()

    def _has_room_for(self, pass_: Pass) -> bool:
        kept = set(self._rules.reserved) - {seat.pass_.role for seat in self.inside.values()} - {pass_.role}
        return len(self.inside) + len(kept) < self._rules.seats

    async def _remove(self, host: Seat, participant: str) -> None:
        async with self._lock:
            host.check(m.Remove.type)
            guest = self.inside.get(participant)
            if guest is None:
                return
            if guest.pass_.admits:
                raise NotAllowed("a host cannot remove a host")
            await ask(self._rules.hooks.removed(host.pass_, guest.pass_))
            self._admissions.pop(participant, None)
            self._send_away(guest, say.Removed(), Close.NOT_ALLOWED)
            await tell(self._rules.hooks.left(guest.pass_))
            self._share_roster()
            self._share_knocking()

    async def _end(self, host: Seat) -> None:
        async with self._lock:
            host.check(m.End.type)
            await ask(self._rules.hooks.ended(host.pass_))
            await self._close("ended")

    async def _close(self, reason: str) -> None:
        inside = [seat.pass_ for seat in self.inside.values()]
        self._admissions.clear()
        for seat in self._all_seats():
            self._send_away(seat, say.Ended(reason), Close.ENDED)
        for pass_ in inside:
            await tell(self._rules.hooks.left(pass_))
        self._share_knocking()

    async def _bye(self, seat: Seat) -> None:
        async with self._lock:
            await self._vacate(seat)
            seat.hang_up(Close.LEFT)

    async def _vacate(self, seat: Seat) -> None:
        was_inside = self.inside.get(seat.participant) is seat
        self._drop(seat)
        if seat.state not in (State.LEFT, State.DECLINED, State.REPLACED):
            seat.move(State.LEFT)
        if was_inside:
            await tell(self._rules.hooks.left(seat.pass_))
            self._share_roster()
        self._share_knocking()

    def _send_away(self, seat: Seat, message: say.Announcement, why: Close) -> None:
        self._drop(seat)
        seat.move(State.LEFT if why is Close.ENDED else State.DECLINED)
        seat.post(message)
        seat.hang_up(why)

    def _replace(self, old: Seat) -> None:
        """The old seat's place belongs to a new socket; its connections are judged when the new one joins."""
        old.forget_timer()
        self._seats.discard(old)
        old.move(State.REPLACED)
        old.post(say.Replaced())
        old.hang_up(Close.REPLACED)

    def _drop(self, seat: Seat) -> None:
        seat.forget_timer()
        self._seats.discard(seat)
        if self.queue.get(seat.participant) is seat:
            del self.queue[seat.participant]
        if self.inside.get(seat.participant) is seat:
            del self.inside[seat.participant]
            self._pairs.forget(seat.participant)

    def _keep(self, seat: Seat) -> None:
        def give_up() -> None:
            task = asyncio.create_task(self._give_up(seat))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        seat.kept_until = asyncio.get_running_loop().call_later(self._rules.kept_for, give_up)

    async def _give_up(self, seat: Seat) -> None:
        async with self._lock:
            if self.inside.get(seat.participant) is seat or self.queue.get(seat.participant) is seat:
                await self._vacate(seat)

    def _all_seats(self) -> list[Seat]:
        return [*{*self._seats, *self.queue.values(), *self.inside.values()}]

    def _roster(self) -> list[say.RosterEntry]:
        return [seat.roster_entry() for seat in self.inside.values()]

    def _share_roster(self, but: Seat | None = None) -> None:
        roster = say.Roster(self._roster())
        for seat in self.inside.values():
            if seat is not but:
                seat.post(roster)

    def _share_knocking(self) -> None:
        knocking = self.knocking()
        for seat in self.inside.values():
            if seat.pass_.admits:
                seat.post(knocking)
        self._changed(self)
