"""Presence as fact: who came, by which way, from when until when, and in which form people talked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from handover.domain.talks import Form

Way = Literal["device", "phone"]
HeldAs = Literal["video", "sound", "phone"]

# Long enough to record an outcome and to answer "did she take part?"; then nobody needs to know to the minute.
KEPT = timedelta(days=90)
CONTINUES_WITHIN = 120  # seconds; as long as a room waits for somebody who dropped out of it
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


def held_as(seconds: Mapping[str, int], on_phone: int) -> HeldAs | None:
    """The form that most of the talk took; None when nobody met.

    `seconds` of video and of sound alone between devices, `on_phone` those that patient or nurse were on the phone.
    A relative who was rung does not make a talk between two pictures a phone call.
    """
    spent: dict[HeldAs, int] = {
        "video": seconds.get("video", 0),
        "sound": seconds.get("sound", 0),
        "phone": on_phone,
    }
    longest = max(spent, key=lambda form: spent[form])
    return longest if spent[longest] else None


def form_of(held: HeldAs) -> Form:
    """As the outcome counts it: sound by the link is a video talk whose picture failed, not a phone call."""
    return "phone" if held == "phone" else "video"
