"""Those who wait: what hosts may let them know, and what they can never learn."""

from asyncio import gather
from json import dumps
from random import Random
from typing import Any

import pytest

from signaling.errors import Close, NotAllowed, RoomFull
from signaling.messages import parse
from signaling.outbox import Outbox
from signaling.rooms import Rooms, Watcher
from signaling.seats import State
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, IDA, ROOM, Client, Diary, a_pass, let_in, quiet

LATE = {"type": "notice", "message": "a-few-minutes-late"}


async def test_message_to_who_waits_reaches_all_of_them_and_nobody_inside(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    dag, ida = await Client(rooms, DAG).knock(), await Client(rooms, IDA).knock()
    connecting = await Client(rooms, ELLEN).hello()
    clients = (dag, ida, astrid, bo, connecting)
    await quiet(*clients)
    await bo.say("notify", message="a-few-minutes-late")
    assert [await client.hear() for client in clients] == [[LATE], [LATE], [], [], []]


async def test_message_to_one_reaches_one_and_is_not_repeated(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag, ida = await Client(rooms, DAG).knock(), await Client(rooms, IDA).knock()
    await quiet(dag, ida)
    await astrid.say("notify", message="a-few-minutes-late", participant="dag")
    assert (await dag.hear(), await ida.hear()) == ([LATE], [])
    assert await (await Client(rooms, ELLEN).knock()).hear_last("waiting") == {
        "type": "waiting",
        "notice": "",
    }


async def test_latest_message_to_all_is_repeated_to_whoever_knocks_later(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await astrid.say("notify", message="a-few-minutes-late")
    await astrid.say("notify", message="talking-with-the-patient-first")
    waiting = await (await Client(rooms, DAG).knock()).hear_last("waiting")
    assert waiting == {"type": "waiting", "notice": "talking-with-the-patient-first"}


async def test_message_to_all_goes_with_the_room_that_is_ended(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await astrid.say("notify", message="a-few-minutes-late")
    await astrid.say("end")
    assert (await (await Client(rooms, DAG).knock()).hear_last("waiting"))["notice"] == ""


@pytest.mark.parametrize("participant", ["ellen", "astrid", "nobody"])
async def test_message_to_somebody_who_does_not_wait_is_refused(rooms: Rooms, participant: str) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    ellen = await let_in(astrid, Client(rooms, ELLEN))
    await quiet(astrid, ellen)
    await astrid.say("notify", message="a-few-minutes-late", participant=participant)
    assert [(m["type"], m["code"]) for m in await astrid.hear()] == [("err", "not-waiting")]
    assert await ellen.hear() == []


async def test_message_to_those_who_wait_for_another_room_is_refused(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await astrid.say("notify", message="a-few-minutes-late", room="another")
    assert (await astrid.hear_last("err"))["code"] == "not-allowed"
    watcher = rooms.watch([ASTRID], Outbox())
    with pytest.raises(NotAllowed):
        await from_page(rooms, watcher, type="notify", message="a-few-minutes-late", room="another")
    assert set(rooms._rooms) == {ROOM}


async def from_page(rooms: Rooms, watcher: Watcher, **message: Any) -> None:
    await rooms.receive_from_watcher(watcher, parse(dumps(message)))


async def test_watching_page_sends_word_ahead_before_anybody_has_come(rooms: Rooms) -> None:
    watcher = rooms.watch([ASTRID], Outbox())
    await from_page(rooms, watcher, type="notify", message="a-few-minutes-late", room=ROOM)
    assert (await (await Client(rooms, DAG).knock()).hear_last("waiting"))["notice"] == "a-few-minutes-late"


async def test_word_sent_ahead_outlives_the_sweep_of_empty_rooms_until_the_pass_ends(diary: Diary) -> None:
    now = [1000.0]
    rooms = Rooms(diary, clock=lambda: now[0])
    watcher = rooms.watch([a_pass("astrid", "ward", staff=True, expires_at=2000.0)], Outbox())
    await from_page(rooms, watcher, type="notify", message="a-few-minutes-late", room=ROOM)
    for now[0], kept in ((1900.0, True), (2100.0, False)):
        await Client(rooms, a_pass("bo", "nurse", staff=True, room=f"at {now[0]}")).hello()
        assert (ROOM in rooms._rooms) is kept


async def test_who_knocks_again_and_again_is_noted_a_few_times_only(rooms: Rooms, diary: Diary) -> None:
    calm = await Client(rooms, ELLEN).knock("Ellen")
    for _ in range(3):  # dialling again brings no new ones
        restless = await Client(rooms, DAG).hello()
        for number in range(40):
            await restless.say("knock", name=f"Dag {number % 2}")
        assert (await restless.hear_last("err"))["code"] == "not-allowed"
        await restless.say("bye")
    noted = [line for line in diary.lines if line[:2] == ("knocked", "dag")]
    assert 20 <= len(noted) <= 30  # one more in half a minute, should this take that long
    assert await calm.hear_types() == ["welcome", "waiting"]


async def test_waiting_guest_learns_nothing_about_those_inside(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello(fingerprint="sha-256 AB:AD:CA:FE")
    bo = await Client(rooms, BO).hello(fingerprint="sha-256 AB:AD:CA:FE")
    generation = (await bo.hear_last("make"))["generation"]
    ellen = await let_in(astrid, Client(rooms, ELLEN))
    dag = await Client(rooms, DAG).knock()
    offer = {"type": "offer", "sdp": "v=0 planted-description"}
    await astrid.say("description", to="bo", generation=generation, description=offer)
    await astrid.say("candidate", to="bo", generation=generation, candidate={"candidate": "planted-address"})
    await bo.say("restart", peer="astrid", generation=generation)
    await astrid.say("company", people=["Planted Visitor"])
    await bo.say("media", microphone=False, camera=True, pictures=True, hand=True, quality="lost")
    await ellen.say("text", line=1, text="planted-text", done=True)
    await ellen.say("turn")
    rooms.tell(ROOM, {"shown": "planted-offer"}, lambda _pass: True)
    everything = [*await astrid.hear(), *await bo.hear(), *await ellen.hear()]
    heard = await dag.hear()
    assert [message["type"] for message in heard] == ["welcome", "waiting"]
    for planted in (
        "planted-description", "planted-address", "planted-text", "planted-offer", "planted-signature", "planted-turn",
        "Planted Visitor", "AB:AD:CA:FE", "Astrid", "astrid", "Bo", "Ellen", "ellen", "turn:", "organisation", "lost",
        "restart", "candidate",
    ):  # fmt: skip
        assert planted in str(everything), planted
        assert planted not in str(heard), planted


GUESTS = [a_pass(f"guest{number}", "relative") for number in range(50)]


@pytest.mark.parametrize("round_", range(20))
async def test_fifty_let_in_at_once_for_the_last_seat_are_exactly_one(rooms: Rooms, round_: int) -> None:
    """Two hosts, ward and nurse, answer all of them at once, in another order each time."""
    order = Random(round_)
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    for participant in ("ellen", "dag", "ida"):
        await let_in(astrid, Client(rooms, a_pass(participant, "relative")))
    guests = [await Client(rooms, pass_).knock() for pass_ in GUESTS]
    answers = [(host, guest.pass_.participant) for host in (astrid, bo) for guest in guests]
    order.shuffle(answers)
    await gather(*(host.say("admit", participant=participant) for host, participant in answers))
    assert sum(guest.seat.state is State.ADMITTED for guest in guests) == 1
    assert sum(guest.seat.state is State.WAITING for guest in guests) == 49
    assert len(rooms.present(ROOM)) == 6


@pytest.mark.parametrize("reserves", [(), ("interpreter",), ("interpreter", "doctor")])
async def test_fifty_at_once_leave_every_reserved_seat_free(rooms: Rooms, reserves: tuple[str, ...]) -> None:
    watcher = rooms.watch([ASTRID], Outbox())
    guests = [
        await Client(rooms, a_pass(pass_.participant, "relative", reserves=reserves)).knock()
        for pass_ in GUESTS
    ]

    async def admit(guest: Client) -> str:
        try:
            await from_page(rooms, watcher, type="admit", participant=guest.pass_.participant, room=ROOM)
        except RoomFull as error:
            return error.code
        return "admitted"

    answers = await gather(*(admit(guest) for guest in guests))
    free = 2 + len(reserves)  # ward, nurse and what this talk needs
    assert answers.count("admitted") == 6 - free
    assert answers.count("full") == 50 - (6 - free)
    for role in ("ward", "nurse", *reserves):
        staff = await Client(rooms, a_pass(role, role, staff=True, reserves=reserves)).hello()
        assert staff.closed is None
    late = await Client(rooms, a_pass("late", "nurse", staff=True)).hello()
    assert late.closed is Close.FULL
