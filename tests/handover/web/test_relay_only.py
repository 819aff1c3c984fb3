"""Whose network address nobody in the talk may learn: guests', where the operator says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handover.settings import Settings
from handover.store.sqlite import SqliteStore
from handover.web.keys import SECRET
from tests import booked
from tests.booked import STARTS_AT, book
from tests.cast import Cast
from tests.conftest import service
from tests.handover.web.lines import Line
from tests.visitor import Clock, signed_in

RELAY = {"turn": ("turn:turn.example:3478?transport=udp",), "turn_secret": "a secret of the relay"}


@pytest.mark.parametrize(
    ("relay", "setting", "protected", "alone"),
    [
        (RELAY, True, False, True),
        (RELAY, False, True, True),
        (RELAY, False, False, False),
        ({}, False, True, False),  # nothing there to go through, and no talk would be worse
    ],
)
async def test_guests_go_through_the_relay_alone_and_staff_do_not(
    serve: Any,
    settings: Settings,
    store: SqliteStore,
    cast: Cast,
    clock: Clock,
    relay: dict[str, Any],
    setting: bool,
    protected: bool,
    alone: bool,
) -> None:
    clock.now = STARTS_AT
    talk = store.write_now(book, cast, protected=protected)
    app = service(replace(settings, **relay, guests_relay_only=setting), store, clock)
    lines = {}
    for who in ("bo", "ellen", "dag"):
        visitor = await serve(app)
        hello = {"version": 1, "device": f"{who}'s very own device"}
        if who == "bo":
            await signed_in(visitor, "bo@kommune.example")
        else:
            hello["token"] = store.write_now(booked.join_token, app[SECRET], talk.talk, getattr(talk, who))
        socket = await visitor.http.ws_connect(f"/rooms/{talk.talk}/ws", headers={"Origin": visitor.origin})
        lines[who] = Line(socket)
        await lines[who].say("hello", **hello)
        if who != "bo":
            await lines[who].say("knock", name=who, relation="")
            await lines[who].hear("waiting")
            await lines["bo"].say("admit", participant=getattr(talk, who))
    admitted = {who: await line.hear("admitted") for who, line in lines.items()}
    assert {who: one["relay_only"] for who, one in admitted.items()} == {
        "bo": False,
        "ellen": alone,
        "dag": alone,
    }
    assert all(bool(one["ice"]) == bool(relay) for one in admitted.values())
    for line in lines.values():
        await line.socket.close()


@pytest.mark.parametrize("setting", [True, False])
async def test_the_privacy_page_says_who_learns_a_guests_address(
    serve: Any, settings: Settings, store: SqliteStore, clock: Clock, setting: bool
) -> None:
    app = service(replace(settings, **RELAY, guests_relay_only=setting), store, clock)
    text = (await (await serve(app)).get("/privacy?lang=en")).text
    assert ("They do not learn your network address" in text) is setting
    assert ("Their devices also learn your network address" in text) is not setting
