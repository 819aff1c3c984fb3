"""What the talk's stories say to each move in its room: the one place between `signaling` and the stories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from handover import attending, joining, ringing
from handover.domain.access import Scope
from handover.errors import Expired, NotAllowed, NotFound
from handover.ringing import OnPhone
from handover.store import talks
from handover.store.engine import Store, Tx
from handover.web.room_figures import RoomFigures
from signaling.admissions import Admission
from signaling.hooks import Hooks
from signaling.messages import Report
from signaling.passes import Pass
from signaling.rooms import Rooms


@dataclass(frozen=True, kw_only=True)
class StaffPass(Pass):
    """A pass from a session, with whose it is."""

    scope: Scope


@dataclass(frozen=True, kw_only=True)
class GuestPass(Pass):
    """A pass from a link. `protected`: the patient's address is, so nobody's network address may be shown either."""

    protected: bool


class RoomHooks(Hooks):
    """Every move in a room runs its story first; a story that refuses leaves the room as it was."""

    def __init__(self, store: Store, clock: Callable[[], int], figures: RoomFigures) -> None:
        self._store = store
        self._clock = clock
        self._figures = figures
        self.rooms: Rooms | None = None  # set once they are made: they are made with these hooks

    async def admission(self, pass_: Pass) -> Admission | None:
        promised = await self._store.read(
            joining.admission_of, pass_.room, pass_.participant, now=self._clock()
        )
        if promised is None:
            return None
        return Admission(pass_.expires_at, promised.name, promised.relation, promised.devices)

    async def knocked(self, pass_: Pass, name: str, relation: str) -> bool:
        return await self._agreed(joining.knock, pass_.room, pass_.participant, name, relation)

    async def let_in(self, by: Pass, pass_: Pass, device: str) -> bool:
        return await self._agreed(joining.let_in, pass_.room, pass_.participant, device, by=_scope_of(by))

    async def declined(self, by: Pass, pass_: Pass) -> bool:
        return await self._agreed(joining.decline, pass_.room, pass_.participant, by=_scope_of(by))

    async def joined(self, pass_: Pass) -> bool:
        try:
            on_phone = await self._store.write(
                _sit_down, pass_.room, pass_.participant, by=_scope_of(pass_), now=self._clock()
            )
        except (Expired, NotAllowed, NotFound):
            return False
        self._figures.join(pass_.room, pass_.participant)
        if on_phone is not None and self.rooms is not None:
            tell_who_is_on_the_phone(self.rooms, pass_.room, on_phone)
        return True

    async def left(self, pass_: Pass) -> None:
        self._figures.leave(pass_.room, pass_.participant)
        await self._agreed(joining.leave, pass_.room, pass_.participant, by=_scope_of(pass_))

    async def removed(self, by: Pass, pass_: Pass) -> bool:
        return await self._agreed(joining.remove, pass_.room, pass_.participant, by=_scope_of(by))

    async def ended(self, by: Pass) -> bool:
        return await self._agreed(joining.end, by.room, by=_scope_of(by))

    async def formed(self, room_id: str, form: str) -> None:
        await self._agreed(attending.take_form, room_id, form)

    async def connected(self, pass_: Pass) -> None:
        on_phone = await self._store.write(
            ringing.come_back, pass_.room, pass_.participant, now=self._clock()
        )
        if on_phone is not None and self.rooms is not None:
            tell_who_is_on_the_phone(self.rooms, pass_.room, on_phone)

    def returned(self, pass_: Pass) -> None:
        self._figures.returns += 1

    def reported(self, pass_: Pass, report: Report) -> None:
        self._figures.report(pass_.room, pass_.participant, report)

    async def _agreed(self, story: Callable[..., None], *args: str, **named: Scope) -> bool:
        try:
            await self._store.write(story, *args, now=self._clock(), **named)
        except (Expired, NotAllowed, NotFound):
            return False
        return True


def tell_who_is_on_the_phone(rooms: Rooms, talk: str, on_phone: Sequence[OnPhone]) -> None:
    """Tell everybody who sits in the room. Who comes later asks for it."""
    rooms.tell(talk, on_the_phone(on_phone), to=lambda pass_: True)


def on_the_phone(people: Sequence[OnPhone]) -> dict[str, Any]:
    """As pages get it, by event or by asking."""
    return {"kind": "people", "on_phone": [asdict(one) for one in people]}


def _sit_down(tx: Tx, talk: str, seat: str, *, by: Scope, now: int) -> list[OnPhone] | None:
    """Sits down; who is still on the phone when this one was until now, else None."""
    if not joining.sit_down(tx, talk, seat, by=by, now=now):
        return None
    found = talks.load(tx, talk)
    return ringing.on_phone(tx, found) if found else []


def _scope_of(pass_: Pass) -> Scope:
    return pass_.scope if isinstance(pass_, StaffPass) else Scope("guest", pass_.participant, pass_.name)
