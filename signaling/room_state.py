"""What a room is going through: a pure function of who is there, and the timer of its grace."""

import asyncio
from collections.abc import Callable
from enum import Enum


class RoomState(Enum):
    SCHEDULED = "scheduled"  # nobody has come yet
    OPEN = "open"  # somebody is there or waits; no talk yet, or no more
    LIVE = "live"  # two or more are connected inside
    GRACE = "grace"  # they were, and the others may come back
    CLOSED = "closed"  # nobody is left, or somebody ended it; who comes now opens it again


def next_state(
    state: RoomState, *, connected: int, anybody: bool, grace_over: bool = False, ended: bool = False
) -> RoomState:
    """The state after a change. `connected` sit inside with a live socket; `anybody` also waits or is away."""
    if ended:
        return RoomState.CLOSED
    if connected >= 2:
        return RoomState.LIVE
    if state is RoomState.LIVE or (state is RoomState.GRACE and not grace_over):
        return RoomState.GRACE
    if anybody:
        return RoomState.OPEN
    return RoomState.SCHEDULED if state is RoomState.SCHEDULED else RoomState.CLOSED


class Course:
    """The state of one room over time. `grace_over` is called back when nobody came back; the room then moves on."""

    def __init__(self, grace_for: float, grace_over: Callable[[], None]) -> None:
        self.state = RoomState.SCHEDULED
        self._grace_for = grace_for
        self._grace_over = grace_over
        self._grace: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        return self._grace is not None

    def move_on(
        self, *, connected: int, anybody: bool, grace_over: bool = False, ended: bool = False
    ) -> None:
        self.state = next_state(
            self.state, connected=connected, anybody=anybody, grace_over=grace_over, ended=ended
        )
        if self.state is RoomState.GRACE and not self._grace:
            self._grace = asyncio.get_running_loop().call_later(self._grace_for, self._grace_over)
        elif self.state is not RoomState.GRACE and self._grace:
            self._grace.cancel()
            self._grace = None
