"""Presence as fact: who came, by which way, from when until when, and in which form people talked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from handover.domain.talks import Form

Way = Literal["device", "phone"]
HeldAs = Literal["video", "sound", "phone"]

# Long enough to record an outcome and to answer "did she take part?"; then nobody needs to know to the minute.
KEPT = timedelta(days=90)
CONTINUES_WITHIN = 120  # seconds; as long as a room waits for somebody who dropped out of it
# seconds; a form that lasted less was a picture that came late, cameras turned off at goodbye, a number not answered
HELD_FROM = 60
SEEN_EVERY = 30  # seconds between looks; what a killed service cannot know of somebody's stay is at most this


@dataclass(frozen=True)
class Stay:
    """One unbroken time somebody took part, in epoch seconds. `participant` is None for a colleague who stepped in."""

    seat: str
    participant: str | None
    name: str
    way: Way
    joined_at: int
    seen_at: int
    left_at: int | None


@dataclass(frozen=True)
class Run:
    """One unbroken time in which people talked in one form, in epoch seconds."""

    form: HeldAs
    began_at: int
    until: int

    @property
    def seconds(self) -> int:
        return self.until - self.began_at


@dataclass(frozen=True)
class Attendance:
    """All of one person's stays by one way, put together."""

    name: str
    way: Way
    minutes: int


def attendance(stays: Sequence[Stay], now: int) -> list[Attendance]:
    """Minutes for each person and way, in the order in which they came; begun minutes count."""
    seconds: dict[tuple[str, str, Way], int] = {}
    for stay in stays:
        key = (stay.seat, stay.name, stay.way)
        seconds[key] = seconds.get(key, 0) + max(0, (stay.left_at or now) - stay.joined_at)
    return [Attendance(name, way, max(1, -(-spent // 60))) for (_, name, way), spent in seconds.items()]


def held_as(by_device: Sequence[Run], by_phone: Sequence[Run]) -> HeldAs | None:
    """The form the talk took in the end: the last that held; the longest where none did, None when nobody met.

    `by_phone` are the times that patient or nurse were on the phone: whoever of them was rung talked by phone, even
    with a seat whose picture froze. A relative who was rung makes no phone call of a talk between two pictures.
    """
    runs = [*by_phone, *_without(by_device, by_phone)]
    held = [run for run in runs if run.seconds >= HELD_FROM]
    if held:
        return max(held, key=lambda run: run.until).form
    spent: dict[HeldAs, int] = {}
    for run in runs:
        spent[run.form] = spent.get(run.form, 0) + run.seconds
    longest = max(spent, key=lambda form: spent[form], default=None)
    return longest if longest and spent[longest] else None


def _without(runs: Sequence[Run], taken: Sequence[Run]) -> list[Run]:
    """What is left of the runs outside the times taken."""
    left = list(runs)
    for off in taken:
        left = [
            replace(run, began_at=max(run.began_at, began_at), until=min(run.until, until))
            for run in left
            for began_at, until in ((run.began_at, off.began_at), (off.until, run.until))
            if max(run.began_at, began_at) < min(run.until, until)
        ]
    return left


def form_of(held: HeldAs) -> Form:
    """As the outcome counts it: sound by the link is a video talk whose picture failed, not a phone call."""
    return "phone" if held == "phone" else "video"
