"""What a room is going through, as a pure function of who is there."""

from enum import Enum


class RoomState(Enum):
    SCHEDULED = "scheduled"  # nobody has come yet
    OPEN = "open"  # somebody is there or waits; no talk yet, or no more
    LIVE = "live"  # two or more are connected inside
    GRACE = "grace"  # they were, and the others may come back
    CLOSED = "closed"  # nobody is left, or somebody ended it; who comes now opens it again


def next_state(
    state: RoomState, *, connected: int, anybody: bool, grace_over: bool, ended: bool
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
