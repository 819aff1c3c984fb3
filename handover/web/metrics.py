"""`/metrics`: plain counters for a monitor (Prometheus text format 0.0.4), without anything about a person."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from aiohttp import web

from handover import __version__
from handover.errors import NotFound
from handover.store import counters, posting, sessions
from handover.store.engine import Tx
from handover.web.doors import anyone_with_own_check
from handover.web.keys import CLOCK, SETTINGS, STORE
from handover.web.room_figures import FIGURES, RoomFigures

SCOPE = "metrics:read"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@anyone_with_own_check
async def show(request: web.Request) -> web.Response:
    """GET /metrics: with a token of scope `metrics:read`, or from this machine when there is no proxy."""
    if not (_from_this_machine(request) or await _has_token(request)):
        raise NotFound()
    lines = await request.app[STORE].read(_lines, request.app[CLOCK]())
    lines += _rooms(request.app[FIGURES])
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


def _from_this_machine(request: web.Request) -> bool:
    """A proxy on this machine makes everybody look as if they were here, so that one must not be in between."""
    if request.app[SETTINGS].trusted_proxies or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


async def _has_token(request: web.Request) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return False
    program = await request.app[STORE].read(sessions.program_behind, token.strip())
    return program is not None and program.may(SCOPE)


def _lines(tx: Tx, now: int) -> list[str]:
    return [
        *_gauge("handover_info", "Which version runs.", [(f'version="{__version__}"', 1)]),
        *_gauge("handover_talks", "Talks by state.", _labelled(counters.talks_by_state(tx))),
        *_gauge("handover_letters", "Mails by state.", _labelled(counters.letters_by_state(tx))),
        *_gauge(
            "handover_oldest_letter_seconds",
            "How long the oldest mail has waited.",
            [("", posting.oldest_waiting(tx, now=now) or 0)],
        ),
        *_gauge("handover_sessions", "Staff signed in.", [("", counters.sessions(tx, now=now))]),
    ]


def _rooms(figures: RoomFigures) -> list[str]:
    """Since the start of this process: a restart sets counters back to nothing, which monitors know how to read."""
    frames, seconds = figures.first_frames()
    return [
        *_gauge("handover_rooms", "Rooms that somebody is in.", [("", len(figures.inside))]),
        *_gauge("handover_seats", "Devices in rooms.", [("", sum(map(len, figures.inside.values())))]),
        *_counter("handover_joins_total", "Seats taken.", [("", figures.joins)]),
        *_counter(
            "handover_returns_total", "Times somebody came back to their seat.", [("", figures.returns)]
        ),
        *_counter(
            "handover_calls_total",
            "Calls that pages have reported on, by whether a relay carries them.",
            [(f'relayed="{answer}"', number) for answer, number in figures.relayed.items()],
        ),
        "# HELP handover_first_frame_seconds From being told whom to connect with to the first picture.",
        "# TYPE handover_first_frame_seconds histogram",
        *(f'handover_first_frame_seconds_bucket{{le="{bound}"}} {number}' for bound, number in frames),
        f"handover_first_frame_seconds_sum {seconds:.3f}",
        f"handover_first_frame_seconds_count {frames[-1][1]}",
    ]


def _labelled(counted: counters.Counted) -> list[tuple[str, int]]:
    return [(f'state="{state}"', number) for state, number in sorted(counted.items())]


def _gauge(name: str, about: str, values: Iterable[tuple[str, int]]) -> list[str]:
    return _family("gauge", name, about, values)


def _counter(name: str, about: str, values: Iterable[tuple[str, int]]) -> list[str]:
    return _family("counter", name, about, values)


def _family(kind: str, name: str, about: str, values: Iterable[tuple[str, int]]) -> list[str]:
    samples = [f"{name}{{{label}}} {number}" if label else f"{name} {number}" for label, number in values]
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}", *samples]


def routes() -> list[web.RouteDef]:
    return [web.get("/metrics", show)]
