"""Offers in the room, over HTTP: staff show, every page fetches in its own language."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from handover.cataloguing import import_offers
from handover.domain import join_links
from handover.domain.access import OPERATOR
from handover.store import links, seats
from handover.store.sqlite import SqliteStore
from handover.web.keys import ROOMS, SECRET
from tests import booked, catalogue
from tests.booked import Booked
from tests.cast import NOW, Cast
from tests.conftest import Serve
from tests.visitor import Clock, Visitor, signed_in


@pytest.fixture
def ellens(store: SqliteStore, cast: Cast) -> Booked:
    store.write_now(catalogue.fill)
    return store.write_now(booked.book, cast, dag_language="en")


def join_token(store: SqliteStore, app: web.Application, talk: str, participant: str) -> str:
    link = store.write_now(links.ensure, "join", talk, participant, now=NOW)
    return join_links.token(app[SECRET], "join", link["id"], link["generation"])


def let_in(store: SqliteStore, talk: str, participant: str) -> None:
    store.write_now(seats.introduce, talk, participant, "", "")
    store.write_now(seats.let_in, participant, "bo", now=NOW)


def items(answer: Any) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = json.loads(answer.text)["items"]
    return found


async def test_panel_is_filtered_by_theme_and_words_and_knows_what_is_shown(
    bo: Visitor, ellens: Booked
) -> None:
    everything = items(await bo.get(f"/talks/{ellens.talk}/offers"))
    assert {one["id"] for one in everything} >= {"sdb-psykolog", "kb-samtalegruppe"}
    assert "ltk-puls-styrke" not in {one["id"] for one in everything}
    mind = items(await bo.get(f"/talks/{ellens.talk}/offers?theme=mind"))
    assert 0 < len(mind) < len(everything)
    assert [one["id"] for one in items(await bo.get(f"/talks/{ellens.talk}/offers?q=psychologist"))] == [
        "sdb-psykolog"
    ]
    await bo.post_json(f"/talks/{ellens.talk}/shown", {"offer": "sdb-psykolog", "audience": "everyone"})
    [psychologist] = items(await bo.get(f"/talks/{ellens.talk}/offers?q=psychologist"))
    assert (psychologist["shown"], psychologist["audience"], psychologist["lang"]) == (True, "everyone", "en")


async def test_what_is_shown_reaches_each_page_in_its_own_language(
    bo: Visitor, store: SqliteStore, app: web.Application, serve: Serve, ellens: Booked
) -> None:
    for person in (ellens.ellen, ellens.dag):
        let_in(store, ellens.talk, person)
    answer = await bo.post_json(
        f"/talks/{ellens.talk}/shown", {"offer": "sdb-psykolog", "audience": "everyone"}
    )
    assert [one["id"] for one in items(answer)] == ["sdb-psykolog"]
    guest = await serve(app)
    guest.http.session.cookie_jar.clear()
    [danish] = items(await guest.get(f"/j/{join_token(store, app, ellens.talk, ellens.ellen)}/shown"))
    [english] = items(await guest.get(f"/j/{join_token(store, app, ellens.talk, ellens.dag)}/shown"))
    assert (danish["name"], danish["lang"], danish["lang_note"]) == ("Samtaler med psykolog", "da", "")
    assert (english["name"], english["lang"]) == ("Talks with a psychologist", "en")
    assert {"label": "Price", "value": "Free"} in english["facts"]


async def test_a_text_in_another_language_says_so(
    bo: Visitor, store: SqliteStore, app: web.Application, serve: Serve, ellens: Booked
) -> None:
    document = catalogue.document()
    for one in document["offers"]:
        if one["id"] == "sdb-psykolog":
            del one["name"]["en"], one["summary"]["en"]
    store.write_now(import_offers, document, by=OPERATOR, now=NOW)
    let_in(store, ellens.talk, ellens.dag)
    await bo.post_json(f"/talks/{ellens.talk}/shown", {"offer": "sdb-psykolog"})
    [shown] = items(
        await (await serve(app)).get(f"/j/{join_token(store, app, ellens.talk, ellens.dag)}/shown")
    )
    assert (shown["lang"], shown["lang_note"]) == ("da", "In Danish")


async def test_room_is_told_that_something_was_shown(
    bo: Visitor, app: web.Application, ellens: Booked
) -> None:
    told: list[tuple[str, Any]] = []
    app[ROOMS].tell = lambda room, payload, to: told.append((room, payload))  # type: ignore[method-assign]
    await bo.post_json(f"/talks/{ellens.talk}/shown", {"offer": "sdb-psykolog"})
    await bo.post_json(f"/talks/{ellens.talk}/shown", {"offer": "no-such-offer"})
    assert told == [(ellens.talk, {"kind": "shown"})]


async def test_guest_who_waits_or_has_no_good_link_sees_nothing(
    bo: Visitor, client: Visitor, store: SqliteStore, app: web.Application, clock: Clock, ellens: Booked
) -> None:
    await bo.post_json(f"/talks/{ellens.talk}/shown", {"offer": "sdb-psykolog"})
    token = join_token(store, app, ellens.talk, ellens.dag)
    assert (await client.get(f"/j/{token}/shown")).status == 404
    let_in(store, ellens.talk, ellens.dag)
    assert (await client.get(f"/j/{token}/shown")).status == 200
    swapped = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert (await client.get(f"/j/{swapped}/shown")).status == 404
    assert (await client.get("/j/nonsense/shown")).status == 404
    clock.now = booked.ENDS_AT + 24 * 3600 + 1
    assert (await client.get(f"/j/{token}/shown")).status == 404


@pytest.mark.parametrize("path", ["offers", "shown"])
async def test_somebody_elses_talk_is_no_talk(
    serve: Serve, app: web.Application, cast: Cast, ellens: Booked, path: str
) -> None:
    lis = await signed_in(await serve(app), "lis@kommune.example")
    assert (await lis.get(f"/talks/{ellens.talk}/{path}")).status == 404
    assert (await lis.post_json(f"/talks/{ellens.talk}/shown", {"offer": "sdb-psykolog"})).status == 404


async def test_show_refuses_what_it_cannot_read(bo: Visitor, ellens: Booked) -> None:
    address = f"/talks/{ellens.talk}/shown"
    assert (await bo.post_json(address, {"offer": "sdb-psykolog", "audience": "the-press"})).status == 422
    assert (await bo.post_json(address, {})).status == 422
    assert (await bo.post_json(address, ["sdb-psykolog"])).status in (400, 422)
    assert items(await bo.get(address)) == []
