"""One room: who waits, who is inside, and every move between; knows no socket and no clock of its own."""

import asyncio
from collections.abc import Callable

from signaling import announcements as say
from signaling import messages as m
from signaling.admissions import Admissions
from signaling.errors import Close, NotAllowed, NotWaiting, RoomFull, SignalingError, Unavailable
from signaling.hooks import ask, count, tell
from signaling.inside import Inside
from signaling.outbox import seal
from signaling.passes import Pass
from signaling.queue import Queue
from signaling.room_state import Course, RoomState
from signaling.rules import Rules
from signaling.seats import Seat, State, beyond_measure

ENTERING_FAILED = {RoomFull: Close.FULL, Unavailable: Close.UNAVAILABLE}


class Room:
    """The state machine. Every change of admission happens under one lock, after the owner's hook agreed."""

    def __init__(self, room_id: str, rules: Rules, changed: Callable[["Room"], None]) -> None:
        self.id = room_id
        self.queue = Queue()
        self.inside = Inside(room_id, rules)
        self._rules = rules
        self._changed = changed
        self._lock = asyncio.Lock()
        self._seats: dict[Seat, None] = {}  # those with a socket, in the order they came
        self._admissions = Admissions(rules.hooks.admission)
        self._course = Course(rules.grace_for, self._grace_is_over)
        self._form_noted = ""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> RoomState:
        return self._course.state

    def forgettable(self, now: float) -> bool:
        """Nobody is here, nobody may come back without knocking, and nothing is left to say to who comes."""
        busy = self._all_seats() or self._course.waits or self._tasks or self._lock.locked()
        return not busy and not self._admissions.any_left(now) and now >= self.queue.notice_until

    def knocking(self) -> say.Knocking:
        return say.Knocking(self.id, self.state.value, self.state is RoomState.LIVE, self.queue.entries())

    async def enter(self, seat: Seat, holding: tuple[m.Held, ...]) -> None:
        """After a good hello: straight to a seat for those who may, else the socket may knock."""
        async with self._lock:
            pass_ = seat.pass_
            for silent in beyond_measure(self._seats, pass_.participant):
                del self._seats[silent]
                silent.refuse(Close.REPLACED)
            self._seats[seat] = None
            seat.post(say.Welcome(m.VERSION, pass_.participant, pass_.name, pass_.role, pass_.admits))
            try:
                if pass_.enters:
                    await self._take_seat(seat, holding)
                elif admission := await self._admissions.of(pass_, seat.device):
                    seat.name, seat.relation = admission.name, admission.relation
                    await self._take_seat(seat, holding, again=True)
            except SignalingError as error:
                self._seats.pop(seat, None)
                seat.post(say.Err(error.code, m.Hello.type, error.detail))
                seat.refuse(ENTERING_FAILED.get(type(error), Close.NOT_ALLOWED))
            self._move_on()

    async def receive(self, seat: Seat, message: m.FromClient) -> None:
        """Carries one message out; raises a SignalingError when it is not, with nothing changed."""
        seat.check(message.type)
        match message:
            case m.Description() | m.Candidate():
                self.inside.relay(seat, message)
            case m.Ping():
                seat.post(say.Pong())
            case m.Knock():
                await self._knock(seat, message)
            case m.Admit() | m.Decline():
                await self.answer(seat.pass_, message, still=lambda: seat.check(message.type))
            case m.Notify():
                if message.room not in (None, self.id):
                    raise NotAllowed("that is another room")
                self.queue.notify(seat.pass_, message)
            case m.Remove():
                await self._remove(seat, message.participant)
            case m.End():
                async with self._lock:
                    seat.check(message.type)
                    await ask(self._rules.hooks.ended(seat.pass_))
                    await self._close("ended")
            case m.Bye():
                async with self._lock:
                    await self._vacate(seat)
                    seat.hang_up(Close.LEFT)
            case _:
                cut_off = seat.cut_off
                self.inside.receive(seat, message)
                if isinstance(message, m.Media):
                    await self._note_line(seat, cut_off)

    async def lost(self, seat: Seat) -> None:
        """The socket is gone. A place in the queue or at the table is kept for a while."""
        seat.live = False
        async with self._lock:
            self._seats.pop(seat, None)
            if self.inside.holds(seat):
                seat.move(State.AWAY)
                self.inside.share_roster()
            if self.inside.holds(seat) or self.queue.holds(seat):
                self._keep(seat)
                await self._settle()
            elif seat.state is State.CONNECTING:
                seat.move(State.LEFT)
                self._move_on()

    async def answer(self, by: Pass, answer: m.Admit | m.Decline, still: Callable[[], None]) -> None:
        """A host's yes or no to a knock; of two hosts the first decides. `still` checks under the lock."""
        if answer.room not in (None, self.id):
            raise NotAllowed("that is another room")
        async with self._lock:
            still()
            guest = self.queue.seats.get(answer.participant)
            if guest is None:
                raise NotWaiting("nobody of that name waits")
            if isinstance(answer, m.Admit):
                await self._admit(by, guest)
            else:
                await ask(self._rules.hooks.declined(by, guest.pass_))
                if guest.participant not in self.inside.seats:  # else only their forwarded link is declined
                    self._admissions.forget(guest.participant)
                self._send_away(guest, say.Declined(), Close.NOT_ALLOWED)
                await self._settle()

    async def expel(self, participant: str) -> None:
        """Forgets the admission and closes every socket of a participant."""
        async with self._lock:
            await self._send_out(participant)

    async def close(self, reason: str) -> None:
        """Says why to everyone and lets all go, with every admission forgotten."""
        async with self._lock:
            await self._close(reason)

    async def _knock(self, seat: Seat, knock: m.Knock) -> None:
        async with self._lock:
            seat.check(knock.type)
            if seat.state is State.ADMITTED:
                return  # sent together with hello by somebody who needed no second admission
            name = knock.name or seat.name
            old = self.queue.seats.get(seat.participant)
            if old is None or (old.name, old.relation) != (name, knock.relation):
                self.queue.count_knock(seat.participant)
                await ask(self._rules.hooks.knocked(seat.pass_, name, knock.relation))
            if old and old is not seat:
                self._replace(old)
            self.queue.join(seat, name, knock.relation, int(self._rules.clock()))
            seat.second_device = seat.second_device or seat.participant in self.inside.seats
            await self._settle()

    async def _admit(self, by: Pass, guest: Seat) -> None:
        if guest.participant not in self.inside.seats and not self.inside.has_room_for(guest.pass_):
            raise RoomFull("every seat is taken or kept for somebody")
        await ask(self._rules.hooks.let_in(by, guest.pass_, guest.device))
        self._admissions.note(guest.pass_, guest.name, guest.relation, guest.device)
        if guest.live:
            await self._take_seat(guest)
        else:  # its socket dropped meanwhile; it takes its seat when it dials again
            self.queue.leave(guest)
            guest.forget_timer()
            guest.move(State.LEFT)
            await self._settle()

    async def _take_seat(self, seat: Seat, holding: tuple[m.Held, ...] = (), again: bool = False) -> None:
        old = self.inside.seats.get(seat.participant)
        if old is None:
            if not self.inside.has_room_for(seat.pass_):
                raise RoomFull("every seat is taken or kept for somebody")
            await ask(self._rules.hooks.joined(seat.pass_))
        else:
            if seat.state is State.CONNECTING:
                seat.take_over(old)
            self._replace(old)
        if old or again:
            count(lambda: self._rules.hooks.returned(seat.pass_))
        self.queue.leave(seat)
        seat.move(State.ADMITTED)
        self.inside.sit(seat, holding)
        await self._settle()

    async def _remove(self, host: Seat, participant: str) -> None:
        async with self._lock:
            host.check(m.Remove.type)
            guest = self.inside.seats.get(participant)
            if guest is None:
                return
            if guest.pass_.admits:
                raise NotAllowed("a host cannot remove a host")
            await ask(self._rules.hooks.removed(host.pass_, guest.pass_))
            await self._send_out(participant)

    async def _send_out(self, participant: str) -> None:
        self._admissions.forget(participant)
        inside = self.inside.seats.get(participant)
        for seat in self._all_seats():
            if seat.participant == participant:
                self._send_away(seat, say.Removed(), Close.NOT_ALLOWED)
        if inside:
            await tell(self._rules.hooks.left(inside.pass_))
            self.inside.share_roster()
        await self._settle()

    async def _close(self, reason: str) -> None:
        inside = [seat.pass_ for seat in self.inside.seats.values()]
        self._admissions.forget_all()
        for seat in self._all_seats():
            self._send_away(seat, say.Ended(reason), Close.ENDED)
        for pass_ in inside:
            await tell(self._rules.hooks.left(pass_))
        self.queue.forget_notice()
        self._move_on(ended=True)
        self._share_knocking()
        await self._note_form()

    async def _vacate(self, seat: Seat) -> None:
        was_inside = self.inside.holds(seat)
        self._drop(seat)
        if seat.state not in (State.LEFT, State.DECLINED, State.REPLACED):
            seat.move(State.LEFT)
        if was_inside:
            await tell(self._rules.hooks.left(seat.pass_))
            self.inside.share_roster()
        await self._settle()

    def _send_away(self, seat: Seat, message: say.Announcement, why: Close) -> None:
        self._drop(seat)
        seat.finish(State.LEFT if why is Close.ENDED else State.DECLINED, message, why)

    def _replace(self, old: Seat) -> None:
        """The old seat's place belongs to a new socket; its connections are judged when the new one joins."""
        self._seats.pop(old, None)
        old.finish(State.REPLACED, say.Replaced(), Close.REPLACED)

    def _drop(self, seat: Seat) -> None:
        seat.forget_timer()
        self._seats.pop(seat, None)
        self.queue.leave(seat)
        self.inside.leave(seat)

    def _keep(self, seat: Seat) -> None:
        async def give_up() -> None:
            async with self._lock:
                if self.inside.holds(seat) or self.queue.holds(seat):
                    await self._vacate(seat)

        def start() -> None:
            task = asyncio.create_task(give_up())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        seat.kept_until = asyncio.get_running_loop().call_later(self._rules.kept_for, start)

    def _all_seats(self) -> set[Seat]:
        return {*self._seats, *self.queue.seats.values(), *self.inside.seats.values()}

    async def _settle(self) -> None:
        """After a change of who waits or is inside: the room's state, the hosts' list, and the talk's form."""
        self._move_on()
        self._share_knocking()
        await self._note_form()

    def _move_on(self, *, grace_over: bool = False, ended: bool = False) -> None:
        self._course.move_on(
            connected=self.inside.connected,
            anybody=bool(self._all_seats()),
            grace_over=grace_over,
            ended=ended,
        )

    def _grace_is_over(self) -> None:
        self._move_on(grace_over=True)
        if self.state is RoomState.CLOSED:
            self.queue.forget_notice()
        self._share_knocking()

    @property
    def _form(self) -> str:
        return self.inside.form if self.state is RoomState.LIVE else ""

    async def _note_line(self, seat: Seat, cut_off: bool) -> None:
        connected = cut_off and not seat.cut_off
        if connected or self._form != self._form_noted:
            async with self._lock:
                await self._note_form()
                if connected and self.inside.holds(seat):
                    await tell(self._rules.hooks.connected(seat.pass_))

    async def _note_form(self) -> None:
        if self._form != self._form_noted:
            self._form_noted = self._form
            await tell(self._rules.hooks.formed(self.id, self._form_noted))

    def _share_knocking(self) -> None:
        knocking = seal(self.knocking())
        for seat in self.inside.seats.values():
            if seat.pass_.admits:
                seat.post(knocking)
        self._changed(self)
