"""`/help/check` and the test of the connection that it shares with the join page.

The browser first asks to begin and gets a check's id and the servers to go by; then it sends one offer for the direct
way and one for the way by the relay, each answered by the echo's own process (`signaling.echo`). Nothing is kept: no
offer, no address and no result reaches the database or the log.

Beginning gives TURN credentials to somebody nobody has let in. That does not undo "no relay before admission": these
are no talk's credentials but a check's own, good for two minutes, given only in answer to a form of ours and only so
often to a network; a waiting room's socket still gets none. coturn lets whoever holds an end of the relay go on with
it after that, so all checks of one network have one name there, and together no more than one person's quota. What
they open is what the deny list leaves: the way to the echo and to the open internet, not into our own network.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from handover.errors import N_, Expired, Invalid, Malformed, TooMany, Unavailable
from handover.web.doors import anyone
from handover.web.forms import json_object
from handover.web.guessing import Allowance
from handover.web.keys import CLOCK, SCOPE, SETTINGS
from handover.web.pages import page
from handover.web.throttling import network_of
from signaling import echo
from signaling.echo import Echo
from signaling.ice import IceServer, ice_servers

LASTS = 120  # seconds of a check and its TURN credentials; testing both ways takes twenty
OFFERS = 2  # one for each way
MOST_BEGUN = 2_000  # the oldest is forgotten first
BIGGEST_OFFER = 32 * 1024  # bytes, as JSON


class Begun:
    """The checks that may still send an offer. In memory: after a restart one presses the button again."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[int, int]] = OrderedDict()  # until when, and how many offers

    def begin(self, now: int) -> str:
        """A new check's id."""
        check = secrets.token_urlsafe(16)
        self._left[check] = (now + LASTS, OFFERS)
        while len(self._left) > MOST_BEGUN:
            self._left.popitem(last=False)
        return check

    def take(self, check: str, now: int) -> bool:
        """Use up one of its offers; False when there is no such check, or no more of it."""
        until, left = self._left.pop(check, (0, 0))
        if now >= until or not left:
            return False
        self._left[check] = (until, left - 1)
        return True


ECHO = web.AppKey("echo", Echo)
BEGUN = web.AppKey("begun_checks", Begun)
CHECKS = web.AppKey("checks", Allowance)


def setup(app: web.Application) -> None:
    """Give the application its echo, which starts no process before somebody tests."""
    app[ECHO] = Echo()
    app[BEGUN] = Begun()
    # A ward's waiting room behind one address; beyond that, nobody may use the relay for anything longer.
    app[CHECKS] = Allowance(20, 100, 15.0)
    app.cleanup_ctx.append(_echo)


async def _echo(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[ECHO].close()


@anyone
async def show(request: web.Request) -> web.Response:
    """GET /help/check: camera, microphone, speaker and connection, before the day."""
    return page(request, "help/check.html")


@anyone
async def begin(request: web.Request) -> web.Response:
    """POST /help/check: begin a test. `{"check", "ice", "relay_only"}`; what has a credential is the relay."""
    await _small_json(request)
    if not request.app[CHECKS].take(network_of(request)):
        raise TooMany(
            "too-many-checks",
            N_("The connection was tested many times from here. Wait a minute, then try again."),
        )
    check = request.app[BEGUN].begin(request.app[CLOCK]())
    try:
        await request.app[ECHO].warm()
    except echo.Failed:
        raise _failed() from None
    ice = [
        {name: value for name, value in asdict(one).items() if value}
        for one in _servers(request, f"checks from {network_of(request)}", "browser")
    ]
    # Where guests talk by the relay alone, the direct way would tell them about a line they never use.
    relay_only = request.app[SETTINGS].guests_relay_only and request[SCOPE] is None
    return web.json_response({"check": check, "ice": ice, "relay_only": relay_only})


@anyone
async def answer(request: web.Request) -> web.Response:
    """POST /help/check/{check}: `{"sdp", "relay"}`, the browser's offer. `{"sdp"}`, the echo's answer."""
    check = request.match_info["check"]
    sent = await _small_json(request)
    offer, relay = sent.get("sdp"), sent.get("relay") is True
    if not isinstance(offer, str):
        raise _unusable()
    if not request.app[BEGUN].take(check, request.app[CLOCK]()):
        raise Expired("check-over", N_("This test has run out. Press the button again."))
    # The echo has a name of its own at the relay, so that its allocation is not counted as the browser's.
    servers = [one for one in _servers(request, f"check {check}", "echo") if bool(one.credential) is relay]
    try:
        answered = await request.app[ECHO].answer(offer, servers, relay=relay)
    except echo.Unusable:
        raise _unusable() from None
    except echo.Busy:
        raise Unavailable(
            "check-busy", N_("Many people are testing right now. Try again in half a minute.")
        ) from None
    except echo.Failed:
        raise _failed() from None
    return web.json_response({"sdp": answered})


def _servers(request: web.Request, room: str, whose: str) -> list[IceServer]:
    settings = request.app[SETTINGS]
    return ice_servers(
        _stun(settings.turn),
        settings.turn,
        settings.turn_secret,
        room=room,
        participant=whose,
        expires_at=request.app[CLOCK]() + LASTS,
    )


def _stun(turn: Sequence[str]) -> list[str]:
    """The relay's own STUN service, which shows both ends where they are seen from; one is enough."""
    plain = [url.removeprefix("turn:") for url in turn if url.startswith("turn:")]
    return [f"stun:{url.partition('?')[0]}" for url in plain if "transport=tcp" not in url][:1]


async def _small_json(request: web.Request) -> dict[str, Any]:
    """The request's JSON object, refused as too large long before the limit for photos."""
    if request.content_type != "application/json":
        raise Malformed("malformed", N_("The request must be one JSON object."))
    return await json_object(request.clone(client_max_size=BIGGEST_OFFER))


def _unusable() -> Invalid:
    return Invalid(
        "offer-unusable",
        N_("The test does not understand this browser. Try Chrome, Edge, Safari or Firefox."),
    )


def _failed() -> Unavailable:
    return Unavailable("check-failed", N_("The test cannot run just now. Try again in a moment."))


def routes() -> list[web.RouteDef]:
    return [
        web.get("/help/check", show),
        web.post("/help/check", begin),
        web.post("/help/check/{check}", answer),
    ]
