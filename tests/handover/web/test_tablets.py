"""The ward's tablet and people on the phone, over HTTP and in the room."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp import WSMsgType, web

from handover import presenting
from handover.domain import join_links
from handover.store import stays, tablets
from handover.store.sqlite import SqliteStore
from handover.web.keys import ROOMS, SECRET
from tests import booked, catalogue
from tests.booked import PLACE, STARTS_AT, Booked, book
from tests.cast import NOW, Cast
from tests.conftest import Serve
from tests.handover.web.lines import Line, dial
from tests.visitor import Clock, Visitor, signed_in

DOORS_OPEN = STARTS_AT - 600


@pytest.fixture
def talk(store: SqliteStore, cast: Cast, clock: Clock) -> Booked:
    clock.now = DOORS_OPEN
    store.write_now(catalogue.fill)
    return store.write_now(book, cast)


@pytest.fixture
async def astrid(serve: Serve, app: web.Application, talk: Booked) -> Visitor:
    """Astrid's browser, signed in when the doors open."""
    return await signed_in(await serve(app), "astrid@ward.example")


async def address_of(astrid: Visitor, talk: Booked) -> str:
    """Where the code on Astrid's screen leads."""
    page = (await astrid.get(f"/talks/{talk.talk}/tablet")).text
    (found,) = re.findall(r'class="address">https?://[^/]+(/tablet/[a-z2-7]+)<', page)
    return str(found)


async def hung_up(line: Line) -> int:
    """The code that the server closes with. Read off the frame: aiohttp's client forgets it when its answer is late."""
    while (frame := await line.socket.receive(timeout=30)).type is WSMsgType.TEXT:
        pass
    return int(frame.data)


async def test_looking_for_the_code_makes_none_and_pressing_makes_one(
    astrid: Visitor, store: SqliteStore, talk: Booked
) -> None:
    address = f"/talks/{talk.talk}/tablet"
    assert "Make the code" in (await astrid.get(address)).text
    assert store.read_now(tablets.of_talk, talk.talk) is None
    answer = await astrid.post(address)
    assert (answer.status, answer.location) == (303, address)
    page = (await astrid.get(address)).text
    (picture,) = re.findall(r'<img class="qr" src="(data:image/svg[^"]+)"', page)
    assert "<svg" in unquote(picture)
    assert "Use the ward" in (await astrid.get(f"/talks/{talk.talk}")).text


async def test_the_tablet_knocks_is_let_in_and_is_shown_only_what_is_for_everyone(
    astrid: Visitor, client: Visitor, store: SqliteStore, cast: Cast, talk: Booked
) -> None:
    await astrid.post(f"/talks/{talk.talk}/tablet")
    address = await address_of(astrid, talk)
    page = await client.get(address)
    assert page.status == 200
    assert "session" not in client.cookies()
    for secret in ("Astrid", "Bo Madsen", booked.PATIENT_NAME, "/outcome", "/talks/"):
        assert secret not in page.text
    for private in ("shown", "people"):
        assert (await client.get(f"{address}/{private}")).status == 404
    token = address.rpartition("/")[2]
    host, tablet = await dial(astrid, talk, None), await dial(client, talk, token)
    await tablet.hear("welcome")
    await tablet.say("knock", name="", relation="")
    await tablet.hear("waiting")
    (knock,) = (await host.hear_somebody_knock())["knocking"]
    assert (knock["name"], knock["role"]) == (PLACE, "room")
    await host.say("admit", participant=knock["participant"])
    roster = (await tablet.hear("admitted"))["roster"]
    assert {(one["name"], one["role"], one["admits"]) for one in roster} == {
        ("Astrid Lund", "ward", True),
        (PLACE, "room", False),
    }
    for offer, audience in (("sdb-psykolog", "everyone"), ("sdb-diaetist", "patient-and-ward")):
        store.write_now(presenting.show, talk.talk, offer, audience, by=cast.bo, now=NOW)  # type: ignore[arg-type]
    shown = json.loads((await client.get(f"{address}/shown")).text)["items"]
    assert [one["id"] for one in shown] == ["sdb-psykolog"]
    await tablet.say("end")
    assert (await tablet.hear("err"))["code"] == "not-allowed"
    await tablet.say("bye")
    assert await tablet.close_code() == 1000
    assert (await client.get(f"{address}/shown")).status == 404


async def test_a_place_written_with_two_spaces_does_not_keep_the_tablet_out(
    astrid: Visitor, client: Visitor, talk: Booked
) -> None:
    place = {"place": "stue  4", "programme": "cancer", "language": "da", "version": "1"}
    await astrid.post(f"/talks/{talk.talk}/edit", place)
    await astrid.post(f"/talks/{talk.talk}/tablet")
    tablet = await dial(client, talk, (await address_of(astrid, talk)).rpartition("/")[2])
    assert (await tablet.hear("welcome"))["name"] == "stue 4"
    await tablet.say("knock", name="", relation="")
    await tablet.hear("waiting")
    assert [one["type"] for one in tablet.heard] == ["welcome", "waiting"]


async def test_a_new_code_sends_out_who_came_by_the_old_one(
    astrid: Visitor, client: Visitor, talk: Booked
) -> None:
    await astrid.post(f"/talks/{talk.talk}/tablet")
    old = await address_of(astrid, talk)
    host, tablet = await dial(astrid, talk, None), await dial(client, talk, old.rpartition("/")[2])
    await tablet.say("knock", name="", relation="")
    (knock,) = (await host.hear_somebody_knock())["knocking"]
    await host.say("admit", participant=knock["participant"])
    await tablet.hear("admitted")
    assert (await astrid.post(f"/talks/{talk.talk}/tablet/renew")).status == 303
    assert await hung_up(tablet) == 4403
    new = await address_of(astrid, talk)
    assert new != old
    gone = await client.get(old)
    assert (gone.status, "This code no longer works" in gone.text) == (404, True)
    assert await (await dial(client, talk, old.rpartition("/")[2])).close_code() == 4401
    again = await dial(client, talk, new.rpartition("/")[2])
    await again.say("knock", name="", relation="")
    await again.hear("waiting")


async def test_a_change_of_the_talk_leaves_the_tablet_in_the_room(
    astrid: Visitor, client: Visitor, app: web.Application, talk: Booked
) -> None:
    await astrid.post(f"/talks/{talk.talk}/tablet")
    host = await dial(astrid, talk, None)
    tablet = await dial(client, talk, (await address_of(astrid, talk)).rpartition("/")[2])
    await tablet.say("knock", name="", relation="")
    (knock,) = (await host.hear_somebody_knock())["knocking"]
    await host.say("admit", participant=knock["participant"])
    await tablet.hear("admitted")
    fields = {"place": "stue 9", "programme": "cancer", "language": "da", "version": "1"}
    await astrid.post(f"/talks/{talk.talk}/edit", fields)
    assert {one.role for one in app[ROOMS].present(talk.talk)} == {"ward", "room"}


async def test_wrong_old_and_called_off_codes_look_alike(
    client: Visitor, app: web.Application, store: SqliteStore, cast: Cast, clock: Clock, talk: Booked
) -> None:
    row = store.write_now(tablets.ensure, talk.talk, now=NOW)
    token = join_links.token(app[SECRET], "device", row["id"], 1)
    clock.now = NOW
    early = await client.get(f"/tablet/{token}")
    assert early.status == 200 and "Scan it again then" in early.text
    clock.now = DOORS_OPEN
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, state="cancelled"))
    said = {(await client.get(f"/tablet/{one}")).text for one in (token, "a" * 53, token[:-2] + "22")}
    assert len({re.sub(r'value="[^"]*"', "", text) for text in said}) == 1


async def test_whoever_is_rung_is_told_to_everybody_in_the_room_and_to_nobody_outside(
    astrid: Visitor,
    client: Visitor,
    serve: Serve,
    app: web.Application,
    store: SqliteStore,
    talk: Booked,
) -> None:
    host = await dial(astrid, talk, None)
    await host.hear("admitted")
    absent = json.loads((await astrid.get(f"/talks/{talk.talk}/absent")).text)
    assert [(one["name"], one["phone"], one["on_phone"]) for one in absent["absent"]] == [
        ("Bo Madsen", "", False),
        (booked.PATIENT_NAME, "", False),
        ("Dag Sørensen", "+47 90 90 90 90", False),
    ]
    assert absent["suggested"] == {"form": "video", "present": [talk.astrid]}
    for _ in range(2):
        answer = await astrid.post_json(f"/talks/{talk.talk}/phone", {"participant": talk.dag, "on": "yes"})
        assert answer.status == 200, answer.text
    told = (await host.hear("event"))["payload"]
    assert told == {
        "kind": "people",
        "on_phone": [{"participant": talk.dag, "name": "Dag Sørensen", "role": "relative"}],
    }
    token = store.write_now(booked.join_token, app[SECRET], talk.talk, talk.ellen)
    assert (await client.get(f"/j/{token}/people")).status == 404, "she waits outside"
    ellen = await dial(client, talk, token)
    await ellen.say("knock", name="Ellen", relation="")
    await host.hear_somebody_knock()
    await host.say("admit", participant=talk.ellen)
    await ellen.hear("admitted")
    assert json.loads((await client.get(f"/j/{token}/people")).text) == told
    # Dag finds his link after all, and is on the phone no longer.
    dag = await dial(
        await serve(app), talk, store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag)
    )
    await dag.say("knock", name="Dag", relation="son")
    while [one["name"] for one in (await host.hear("knocking"))["knocking"]] != ["Dag"]:
        pass
    await host.say("admit", participant=talk.dag)
    await dag.hear("admitted")
    assert (await ellen.hear("event"))["payload"] == {"kind": "people", "on_phone": []}
    ways = [(stay.name, stay.way) for stay in store.read_now(stays.of_talk, talk.talk)]
    assert sorted(ways) == [
        ("Astrid Lund", "device"),
        ("Dag", "device"),
        ("Dag", "phone"),
        ("Ellen", "device"),
    ]


async def test_whose_line_is_lost_is_rung_and_off_the_phone_when_it_is_back(
    astrid: Visitor, app: web.Application, serve: Serve, store: SqliteStore, talk: Booked
) -> None:
    here = f"/talks/{talk.talk}/absent"
    ring = {"participant": talk.dag, "on": "yes"}
    media = {"microphone": True, "camera": True, "pictures": True}
    host = await dial(astrid, talk, None)
    token = store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag)
    dag = await dial(await serve(app), talk, token)
    await dag.say("knock", name="Dag", relation="son")
    await host.hear_somebody_knock()
    await host.say("admit", participant=talk.dag)
    await dag.hear("admitted")
    told = {"kind": "people", "on_phone": [{"participant": talk.dag, "name": "Dag", "role": "relative"}]}
    nobody = {"kind": "people", "on_phone": []}

    assert (await astrid.post_json(f"/talks/{talk.talk}/phone", ring)).status == 409, "he is heard"
    # Dag's own page says that nobody reaches it.
    await dag.say("media", **media, quality="good")
    await dag.say("media", **media, quality="lost")
    while [one["quality"] for one in (await host.hear("roster"))["roster"]] != ["", "lost"]:
        pass
    known = json.loads((await astrid.get(here)).text)
    assert talk.dag not in [one["participant"] for one in known["absent"]]
    (found,) = [one for one in known["here"] if one["participant"] == talk.dag]
    assert (found["phone"], found["on_phone"]) == ("+47 90 90 90 90", False)
    assert (await astrid.post_json(f"/talks/{talk.talk}/phone", ring)).status == 200
    assert (await dag.hear("event"))["payload"] == told
    await dag.say("media", **media, quality="poor")
    assert (await dag.hear("event"))["payload"] == nobody
    # Astrid's page says that it does not reach Dag.
    assert (await astrid.post_json(f"/talks/{talk.talk}/phone", ring)).status == 409
    lost = await astrid.post_json(f"/talks/{talk.talk}/phone", {**ring, "line": "lost"})
    assert lost.status == 200, lost.text
    assert (await dag.hear("event"))["payload"] == told
    back = await astrid.post_json(f"/talks/{talk.talk}/phone", {**ring, "on": "no"})
    assert back.status == 200 and (await dag.hear("event"))["payload"] == nobody
    phoned = [stay.left_at for stay in store.read_now(stays.of_talk, talk.talk) if stay.way == "phone"]
    assert len(phoned) == 2 and None not in phoned


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"participant": "nobody", "on": "yes"}, 404),
        ({"participant": "", "on": "yes"}, 422),
        ({"participant": "DAG", "on": "perhaps"}, 422),
        ({"on": "yes"}, 422),
        ({"participant": "DAG", "on": "yes", "line": "good"}, 422),
        ({"participant": ["DAG"], "on": True}, 422),
    ],
)
async def test_what_cannot_be_is_not_noted(
    astrid: Visitor, store: SqliteStore, talk: Booked, sent: Any, status: int
) -> None:
    sent = json.loads(json.dumps(sent).replace("DAG", talk.dag))
    assert (await astrid.post_json(f"/talks/{talk.talk}/phone", sent)).status == status
    assert store.read_now(stays.of_talk, talk.talk) == []


async def test_a_tablet_is_no_participant_anywhere(
    astrid: Visitor, client: Visitor, talk: Booked, store: SqliteStore
) -> None:
    await astrid.post(f"/talks/{talk.talk}/tablet")
    host = await dial(astrid, talk, None)
    tablet = await dial(client, talk, (await address_of(astrid, talk)).rpartition("/")[2])
    await tablet.say("knock", name="", relation="")
    (knock,) = (await host.hear_somebody_knock())["knocking"]
    await host.say("admit", participant=knock["participant"])
    await tablet.hear("admitted")
    for path in ("/outcome", "", "/people", "/absent"):
        page = (await astrid.get(f"/talks/{talk.talk}{path}")).text
        assert knock["participant"] not in page, path
    outcome = (await astrid.get(f"/talks/{talk.talk}/outcome")).text
    assert f'name="present" value="{talk.ellen}" checked' in re.sub(r' id="[^"]*"', "", outcome)


async def test_the_slip_has_a_code_for_the_guests_phone(
    astrid: Visitor, app: web.Application, store: SqliteStore, talk: Booked
) -> None:
    store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag)
    page = (await astrid.get(f"/talks/{talk.talk}/slip")).text
    assert page.count('<img class="qr" src="data:image/svg+xml') == 1
