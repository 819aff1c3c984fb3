"""The waiting room and the seats, move by move, by crossed queues."""

import asyncio

import pytest

from signaling.errors import Close
from signaling.rooms import Rooms
from signaling.seats import State
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, IDA, ROOM, Client, Diary, a_pass, let_in, quiet


async def test_staff_enter_without_knocking(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    assert await astrid.hear_types() == ["welcome", "admitted", "knocking"]
    assert diary.lines == [("joined", "astrid")]


async def test_guest_knocks_and_is_let_in(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await Client(rooms, DAG).knock("Dag Jensen", "son")
    assert await dag.hear_types() == ["welcome", "waiting"]
    knocking = (await astrid.hear_last("knocking"))["knocking"]
    assert [(k["name"], k["relation"], k["link"], k["second_device"]) for k in knocking] == [
        ("Dag Jensen", "son", "link of dag", False)
    ]
    await astrid.say("admit", participant="dag")
    admitted, *rest = await dag.hear()
    assert [entry["name"] for entry in admitted["roster"]] == ["Astrid", "Dag Jensen"]
    assert [message["type"] for message in rest] == ["make"]
    assert diary.lines == [
        ("joined", "astrid"),
        ("knocked", "dag", "Dag Jensen", "son"),
        ("let_in", "astrid", "dag"),
        ("joined", "dag"),
    ]


async def test_declined_guest_is_told_and_hung_up_on(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await Client(rooms, DAG).knock()
    await astrid.say("decline", participant="dag")
    assert await dag.hear_types() == ["welcome", "waiting", "declined"]
    assert dag.closed is Close.NOT_ALLOWED
    assert diary.lines[-1] == ("declined", "astrid", "dag")
    assert rooms.waiting(ROOM) == []


async def test_declined_guest_may_knock_again_but_does_not_enter(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await astrid.say("decline", participant=(await Client(rooms, DAG).knock()).pass_.participant)
    again = await Client(rooms, DAG).knock()
    assert again.seat.state is State.WAITING


async def test_two_hosts_admitting_at_once_give_one_result(rooms: Rooms, diary: Diary) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    dag = await Client(rooms, DAG).knock()
    await quiet(astrid, bo)
    await asyncio.gather(astrid.say("admit", participant="dag"), bo.say("admit", participant="dag"))
    assert (await dag.hear_types()).count("admitted") == 1
    assert [line for line in diary.lines if line[0] == "let_in"] == [("let_in", "astrid", "dag")]
    assert "err" not in await astrid.hear_types()
    assert (await bo.hear_last("err"))["code"] == "not-waiting"


async def test_one_host_admits_while_the_other_declines_and_the_first_decides(
    rooms: Rooms, diary: Diary
) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    dag = await Client(rooms, DAG).knock()
    await asyncio.gather(bo.say("decline", participant="dag"), astrid.say("admit", participant="dag"))
    assert dag.seat.state is State.DECLINED
    assert [line[0] for line in diary.lines if "dag" in line] == ["knocked", "declined"]


@pytest.mark.parametrize("answer", [False, RuntimeError("the disk is full")])
@pytest.mark.parametrize("hook", ["let_in", "joined"])
async def test_guest_goes_on_waiting_when_the_owner_refuses_or_fails(
    rooms: Rooms, diary: Diary, hook: str, answer: bool | Exception
) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await Client(rooms, DAG).knock()
    diary.says[hook] = answer
    await astrid.say("admit", participant="dag")
    expected = "refused" if answer is False else "unavailable"
    assert (await astrid.hear_last("err"))["code"] == expected
    assert dag.seat.state is State.WAITING
    diary.says.clear()
    await astrid.say("admit", participant="dag")
    assert dag.seat.state is State.ADMITTED


async def test_knock_the_owner_refuses_is_not_shown_to_hosts(rooms: Rooms, diary: Diary) -> None:
    diary.says["knocked"] = False
    dag = await Client(rooms, DAG).knock()
    assert (await dag.hear_last("err"))["code"] == "refused"
    assert rooms.waiting(ROOM) == []


async def test_staff_whose_joining_cannot_be_noted_are_asked_to_dial_again(
    rooms: Rooms, diary: Diary
) -> None:
    diary.says["joined"] = OSError("no space left")
    astrid = await Client(rooms, ASTRID).hello()
    assert astrid.closed is Close.UNAVAILABLE
    assert rooms.present(ROOM) == []


async def test_second_tab_takes_the_seat_and_the_first_is_told(rooms: Rooms, diary: Diary) -> None:
    first = await Client(rooms, BO).hello()
    second = await Client(rooms, BO).hello()
    assert (await first.hear_types())[-1] == "replaced"
    assert first.closed is Close.REPLACED
    assert second.seat.state is State.ADMITTED
    assert [entry.participant for entry in rooms.present(ROOM)] == ["bo"]
    await first.lose()
    assert [entry.away for entry in rooms.present(ROOM)] == [False]
    assert diary.lines == [("joined", "bo")]


async def test_second_tab_of_an_admitted_guest_needs_no_second_knock(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    first = await let_in(astrid, Client(rooms, DAG))
    second = await Client(rooms, DAG).hello()
    assert second.seat.state is State.ADMITTED
    assert first.closed is Close.REPLACED


async def test_forwarded_link_knocks_and_the_host_sees_that_it_is_in_use(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    stranger = await Client(rooms, DAG, device="another phone").knock("Dag")
    assert [entry.second_device for entry in rooms.waiting(ROOM)] == [True]
    assert "astrid" not in str(await stranger.hear())
    assert dag.seat.state is State.ADMITTED
    await astrid.say("decline", participant="dag")
    assert (stranger.closed, dag.closed) == (Close.NOT_ALLOWED, None)


async def test_second_device_that_is_let_in_replaces_the_first(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    phone = await let_in(astrid, Client(rooms, DAG, device="phone"))
    laptop = await let_in(astrid, Client(rooms, DAG, device="laptop"))
    assert phone.closed is Close.REPLACED
    assert laptop.seat.state is State.ADMITTED
    assert (await Client(rooms, DAG, device="phone").hello()).seat.state is State.ADMITTED


async def test_second_device_in_the_queue_replaces_the_first_and_is_marked(rooms: Rooms) -> None:
    phone = await Client(rooms, DAG, device="phone").knock()
    await Client(rooms, DAG, device="laptop").knock()
    assert phone.closed is Close.REPLACED
    assert [entry.second_device for entry in rooms.waiting(ROOM)] == [True]


async def test_waiting_guest_who_reloads_is_one_knock_and_noted_once(rooms: Rooms, diary: Diary) -> None:
    first = await Client(rooms, DAG).knock("Dag", "son")
    await first.lose()
    assert [entry.away for entry in rooms.waiting(ROOM)] == [True]
    await Client(rooms, DAG).knock("Dag", "son")
    assert [(entry.away, entry.second_device) for entry in rooms.waiting(ROOM)] == [(False, False)]
    assert diary.lines == [("knocked", "dag", "Dag", "son")]


async def test_guest_let_in_while_the_socket_is_down_enters_on_return(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await Client(rooms, DAG).knock("Dag Jensen", "son")
    await dag.lose()
    await astrid.say("admit", participant="dag")
    assert rooms.waiting(ROOM) == []
    back = await Client(rooms, DAG).hello()
    assert back.seat.state is State.ADMITTED
    assert back.seat.name == "Dag Jensen"


async def test_lost_socket_keeps_the_seat_as_away_and_then_gives_it_up(diary: Diary) -> None:
    rooms = Rooms(diary, kept_for=0.01)
    astrid = await Client(rooms, ASTRID).hello()
    bo = await Client(rooms, BO).hello()
    await bo.lose()
    assert [entry["away"] for entry in (await astrid.hear_last("roster"))["roster"]] == [False, True]
    async with asyncio.timeout(10):
        while ("left", "bo") not in diary.lines:
            await asyncio.sleep(0)
    assert [entry["participant"] for entry in (await astrid.hear_last("roster"))["roster"]] == ["astrid"]


async def test_seat_that_comes_back_in_time_is_not_given_up_later(rooms: Rooms, diary: Diary) -> None:
    bo = await Client(rooms, BO).hello()
    await bo.lose()
    timer = bo.seat.kept_until
    back = await Client(rooms, BO).hello()
    assert timer is not None and timer.cancelled()
    assert back.seat.state is State.ADMITTED
    assert diary.lines == [("joined", "bo")]


async def test_guest_leaves_and_comes_back_without_a_second_admission(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = Client(rooms, DAG)
    await dag.knock("Dag Jensen", "son")
    await astrid.say("admit", participant="dag")
    await dag.say("bye")
    assert dag.closed is Close.LEFT
    back = await Client(rooms, DAG).knock("Somebody Else")
    assert back.seat.state is State.ADMITTED
    assert back.seat.name == "Dag Jensen"
    assert [line[0] for line in diary.lines if "dag" in line] == [
        "knocked",
        "let_in",
        "joined",
        "left",
        "joined",
    ]


async def test_removed_guest_must_be_let_in_anew(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await astrid.say("remove", participant="dag")
    assert (await dag.hear_types())[-1] == "removed"
    assert dag.closed is Close.NOT_ALLOWED
    assert diary.lines[-2:] == [("removed", "astrid", "dag"), ("left", "dag")]
    assert (await Client(rooms, DAG).knock()).seat.state is State.WAITING


async def test_host_cannot_remove_a_host(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    await astrid.say("remove", participant="bo")
    assert (await astrid.hear_last("err"))["code"] == "not-allowed"
    assert bo.closed is None


async def test_ending_sends_all_away_and_forgets_every_admission(rooms: Rooms, diary: Diary) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    ellen, dag = await let_in(astrid, Client(rooms, ELLEN)), await Client(rooms, DAG).knock()
    await bo.say("end")
    assert [client.closed for client in (astrid, bo, ellen, dag)] == [Close.ENDED] * 4
    assert (await dag.hear())[-1] == {"type": "ended", "reason": "ended"}
    assert {line for line in diary.lines if line[0] == "left"} == {
        ("left", p) for p in ("astrid", "bo", "ellen")
    }
    assert (await Client(rooms, ELLEN).hello()).seat.state is State.CONNECTING


async def test_guests_cannot_take_the_seats_of_ward_and_nurse(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    for participant in ("ellen", "dag", "erik", "else"):
        await let_in(astrid, Client(rooms, a_pass(participant, "relative")))
    ida = await let_in(astrid, Client(rooms, IDA))
    assert (await astrid.hear_last("err"))["code"] == "full"
    assert ida.seat.state is State.WAITING
    assert (await Client(rooms, BO).hello()).seat.state is State.ADMITTED


async def test_seventh_device_waits_until_a_seat_is_free(diary: Diary) -> None:
    rooms = Rooms(diary)
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    ellen = await let_in(astrid, Client(rooms, ELLEN))
    for participant in ("dag", "erik", "else"):
        await let_in(astrid, Client(rooms, a_pass(participant, "relative")))
    ida = await let_in(bo, Client(rooms, IDA))
    assert ida.seat.state is State.WAITING
    colleague = await Client(rooms, a_pass("birgit", "nurse", staff=True)).hello()
    assert colleague.closed is Close.FULL
    await ellen.say("bye")
    await bo.say("admit", participant="ida")
    assert ida.seat.state is State.ADMITTED


async def test_many_at_once_for_the_last_seat_are_exactly_one(diary: Diary) -> None:
    rooms = Rooms(diary)
    hosts = [a_pass(f"host{n}", "nurse", staff=True) for n in range(50)]
    clients = await asyncio.gather(*(Client(rooms, host).hello() for host in hosts))
    assert sum(client.closed is None for client in clients) == 6
    assert len(rooms.present(ROOM)) == 6


async def test_everybody_sees_company_and_media(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await astrid.say("company", people=["Ellen", " her\u202e daughter ", ""])
    await astrid.say("media", microphone=True, camera=False, pictures=False)
    entry = (await dag.hear_last("roster"))["roster"][0]
    assert entry["company"] == ["Ellen", "her daughter"]
    assert (entry["microphone"], entry["camera"], entry["pictures"]) == (True, False, False)
