"""What the talk's stories make of the moves in its room: admissions that last, figures, signatures, kept seats."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from handover.settings import Settings
from handover.store import stays
from handover.store.sqlite import SqliteStore
from handover.web.keys import ROSTER_KEY, SECRET
from tests import booked
from tests.booked import STARTS_AT, Booked, book
from tests.cast import Cast
from tests.conftest import service
from tests.handover.web.lines import DEVICE, Come, dial
from tests.visitor import Clock, Visitor

DOORS_OPEN = STARTS_AT - 600


@pytest.fixture
def talk(store: SqliteStore, cast: Cast, clock: Clock) -> Booked:
    clock.now = DOORS_OPEN
    return store.write_now(book, cast)


@pytest.fixture
def token(app: web.Application, store: SqliteStore, talk: Booked) -> str:
    """Dag's."""
    return store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag)


async def test_after_a_restart_a_guest_comes_back_without_a_second_knock(
    settings: Settings, store: SqliteStore, clock: Clock, talk: Booked, token: str, come: Come
) -> None:
    bo, dag = await come(email="bo@kommune.example"), await come(token=token)
    await dag.say("knock", name="Dag", relation="son")
    await bo.hear_somebody_knock()
    await bo.say("admit", participant=talk.dag)
    await dag.hear("admitted")
    kept = b"".join(path.read_bytes() for path in store.path.parent.glob("handover.db*"))
    assert DEVICE.encode() not in kept and sha256(DEVICE.encode()).hexdigest().encode() in kept

    # Another service over the same database, while the first still has its memory: as after a kill.
    restarted = service(settings, store, clock)
    async with TestServer(restarted) as server:
        visitor = Visitor(restarted, server)
        back = await dial(visitor, talk, token, DEVICE)
        (me,) = (await back.hear("admitted"))["roster"]
        assert (me["name"], me["relation"]) == ("Dag", "son")
        other = await dial(visitor, talk, token, "e" * 32)
        await other.say("knock", name="Dag", relation="")
        await other.hear("waiting")
        assert [stay.left_at for stay in store.read_now(stays.of_talk, talk.talk)] == [None, None]
        await visitor.close()


async def test_nothing_that_is_said_in_a_room_is_kept_or_logged(
    store: SqliteStore, talk: Booked, token: str, come: Come, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    bo, dag = await come(email="bo@kommune.example"), await come(token=token)
    await dag.say("knock", name="Dagfinn", relation="")
    await bo.hear_somebody_knock()
    await bo.say("admit", participant=talk.dag)
    generation = (await dag.hear("make"))["generation"]
    way = {"to": talk.dag, "generation": generation}
    await bo.say("description", **way, description={"type": "offer", "sdp": "v=0 kept-description"})
    await bo.say("candidate", **way, candidate={"candidate": "candidate:1 kept-candidate"})
    assert "kept-description" in (await dag.hear("description"))["description"]["sdp"]
    assert "kept-candidate" in (await dag.hear("candidate"))["candidate"]["candidate"]
    await bo.say("text", line=1, text="kept-text", done=True)
    await dag.hear("text")
    await bo.say("company", people=["kept-company"])
    media = {"microphone": True, "camera": True, "pictures": True, "hand": True, "quality": "poor"}
    await bo.say("media", **media)
    while (await dag.hear("roster"))["roster"][0]["quality"] != "poor":
        pass
    await bo.say("report", first_frame=54321, relayed=True)
    await bo.say("nonsense", text="kept-nonsense")
    await bo.hear("err")
    await bo.say("end")
    await dag.hear("ended")
    kept = b"".join(path.read_bytes() for path in store.path.parent.glob("handover.db*"))
    logged = "\n".join(
        f"{record.getMessage()} {record.exc_text}"
        for record in caplog.records
        if record.name.partition(".")[0] in ("handover", "signaling")
    )
    assert b"Dagfinn" in kept  # what is kept would be found
    for said in ("kept-", "v=0", "poor", "54321"):
        assert (said.encode() in kept, said in logged) == (False, False), said


async def test_comings_and_goings_are_counted(client: Visitor, talk: Booked, token: str, come: Come) -> None:
    bo, dag = await come(email="bo@kommune.example"), await come(token=token)
    await dag.say("knock", name="Dag", relation="")
    await bo.hear_somebody_knock()
    await bo.say("admit", participant=talk.dag)
    await dag.hear("admitted")
    await dag.say("report", first_frame=1200, relayed=True)
    again = await come(token=token)
    await again.hear("admitted")
    await again.say("ping")
    await again.hear("pong")
    text = (await client.get("/metrics")).text
    for line in (
        "handover_rooms 1", "handover_seats 2", "handover_joins_total 2", "handover_returns_total 1",
        'handover_calls_total{relayed="yes"} 1', 'handover_first_frame_seconds_bucket{le="1.5"} 1',
    ):  # fmt: skip
        assert line in text.splitlines(), text


async def test_the_roster_is_signed_with_the_key_that_pages_know(
    app: web.Application, talk: Booked, come: Come
) -> None:
    bo = await come(email="bo@kommune.example", fingerprint="sha-256 AB:CD")
    admitted = await bo.hear("admitted")
    (entry,) = admitted["roster"]
    line = "\x1f".join((entry["participant"], entry["role"], entry["name"], entry["fingerprint"]))
    said = "\n".join(("roster 1", talk.talk, line)).encode()
    signature = base64.b64decode(admitted["signature"])
    key = load_der_public_key(base64.b64decode(app[ROSTER_KEY]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    key.verify(encode_dss_signature(r, s), said, ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(encode_dss_signature(r, s), said.replace(b"Bo", b"Eve"), ec.ECDSA(SHA256()))


async def test_a_seat_is_kept_for_the_interpreter_who_speaks_for_the_patient(
    app: web.Application, store: SqliteStore, talk: Booked, come: Come
) -> None:
    store.write_now(lambda tx: booked.set_talk(tx, talk.talk, interpreter="uk", interpreter_state="needed"))
    store.write_now(
        lambda tx: tx.run(
            "update participants set role = 'interpreter', speaks_for = :ellen where id = :dag",
            ellen=talk.ellen,
            dag=talk.dag,
        )
    )
    bo = await come(email="bo@kommune.example")
    await bo.hear("admitted")
    interpreter = await come(token=store.write_now(booked.join_token, app[SECRET], talk.talk, talk.dag))
    await interpreter.say("knock", name="", relation="")
    await bo.hear_somebody_knock()
    await bo.say("admit", participant=talk.dag)
    roster = (await interpreter.hear("admitted"))["roster"]
    assert {one["participant"]: one["speaks_for"] for one in roster} == {talk.bo: "", talk.dag: talk.ellen}
