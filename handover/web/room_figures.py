"""How the rooms fare, in numbers alone: kept in memory since the start, told at `/metrics`, and about nobody."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Set

from aiohttp import web

from handover.domain.smoke_calls import is_smoke_call
from signaling.messages import Report

# Seconds from the moment when there is somebody to connect with. Half of all should be below two; beyond fifteen people
# have pressed again.
BUCKETS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0)


class RoomFigures:
    """Counters that only rise, and who sits where just now."""

    def __init__(self) -> None:
        self.joins = 0
        self.returns = 0
        self.relayed = {"yes": 0, "no": 0}
        self._first_frames = [0] * (len(BUCKETS) + 1)
        self._first_frame_seconds = 0.0
        self._inside: dict[str, set[str]] = {}
        self._told: set[tuple[str, str, str]] = set()

    @property
    def inside(self) -> Mapping[str, Set[str]]:
        """Talk → the seats taken in its room."""
        return self._inside

    def join(self, room: str, seat: str) -> None:
        """Somebody takes a seat that was empty. In a smoke call it is nobody, and nobody's stay is looked after."""
        if is_smoke_call(room):
            return
        self.joins += 1
        self._inside.setdefault(room, set()).add(seat)

    def leave(self, room: str, seat: str) -> None:
        """A seat is empty again."""
        seats = self._inside.get(room, set())
        seats.discard(seat)
        if not seats:
            self._inside.pop(room, None)
        self._told -= {(room, seat, "frame"), (room, seat, "relay")}

    def report(self, room: str, seat: str, report: Report) -> None:
        """What a page says of how its call began. Saying it again counts once: nobody's page outweighs the others'."""
        if report.first_frame is not None and self._first_time(room, seat, "frame"):
            seconds = report.first_frame / 1000
            self._first_frames[bisect_left(BUCKETS, seconds)] += 1
            self._first_frame_seconds += seconds
        if report.relayed is not None and self._first_time(room, seat, "relay"):
            self.relayed["yes" if report.relayed else "no"] += 1

    def _first_time(self, room: str, seat: str, what: str) -> bool:
        told = (room, seat, what)
        if told in self._told or seat not in self._inside.get(room, ()):
            return False
        self._told.add(told)
        return True

    def first_frames(self) -> tuple[list[tuple[str, int]], float]:
        """(Upper bound, how many took no longer) for each bucket up to `+Inf`, and the seconds of all together."""
        so_far, counted = 0, []
        for bound, number in zip((*map(str, BUCKETS), "+Inf"), self._first_frames, strict=True):
            so_far += number
            counted.append((bound, so_far))
        return counted, self._first_frame_seconds


FIGURES = web.AppKey("room_figures", RoomFigures)
