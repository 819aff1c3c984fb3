"""What the owner of the rooms does to them and learns from them."""

import pytest

from signaling.errors import Close
from signaling.messages import Admit
from signaling.passes import Pass
from signaling.rooms import Rooms
from signaling.seats import State
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, ROOM, Client, Diary, a_pass, let_in, quiet


@pytest.mark.parametrize("where", ["connecting", "waiting", "inside", "away"])
async def test_expelled_participant_is_out_wherever_they_were(rooms: Rooms, where: str) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = Client(rooms, DAG)
    if where == "connecting":
        await dag.hello()
    elif where == "waiting":
        await dag.knock()
    else:
        await let_in(astrid, dag)
    if where == "away":
        await dag.lose()
    await rooms.expel(ROOM, "dag")
    assert dag.seat.state is State.DECLINED
    assert dag.closed is Close.NOT_ALLOWED
    assert [entry.participant for entry in rooms.present(ROOM)] == ["astrid"]
    assert rooms.waiting(ROOM) == []
    assert (await Client(rooms, DAG).knock()).seat.state is State.WAITING


async def test_owner_closes_the_room_with_a_reason(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await rooms.close(ROOM, "cancelled")
    assert (await astrid.hear())[-1] == {"type": "ended", "reason": "cancelled"}


async def test_event_reaches_only_those_it_is_for(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    ellen, dag = await let_in(astrid, Client(rooms, ELLEN)), await let_in(astrid, Client(rooms, DAG))
    await quiet(astrid, ellen, dag)
    rooms.tell(ROOM, {"shown": "livskraft"}, lambda pass_: pass_.role in ("patient", "ward"))
    assert await ellen.hear() == [{"type": "event", "payload": {"shown": "livskraft"}}]
    assert await astrid.hear() == [{"type": "event", "payload": {"shown": "livskraft"}}]
    assert await dag.hear() == []


async def test_watching_host_sees_knocks_and_lets_in_without_a_seat(rooms: Rooms) -> None:
    page = Client(rooms, ASTRID)
    watcher = rooms.watch([ASTRID], page.outbox)
    dag = await Client(rooms, DAG).knock()
    heard = await page.hear_last("knocking")
    assert (heard["room"], heard["talking"], heard["knocking"][0]["name"]) == (ROOM, False, "Dag")
    await rooms.receive_from_watcher(watcher, Admit("dag", ROOM))
    assert dag.seat.state is State.ADMITTED
    assert (await page.hear_last("knocking"))["knocking"] == []


async def test_watcher_is_told_when_the_room_is_talking(rooms: Rooms) -> None:
    page = Client(rooms, ASTRID)
    rooms.watch([ASTRID], page.outbox)
    await Client(rooms, ASTRID).hello()
    await Client(rooms, BO).hello()
    await Client(rooms, DAG).knock()
    assert (await page.hear_last("knocking"))["talking"] is True


async def test_guest_pass_watches_nothing(rooms: Rooms) -> None:
    page = Client(rooms, ELLEN)
    watcher = rooms.watch([ELLEN], page.outbox)
    await Client(rooms, DAG).knock()
    assert await page.hear() == []
    assert watcher.passes == {}


async def test_expelled_host_stops_watching(rooms: Rooms) -> None:
    page = Client(rooms, ASTRID)
    rooms.watch([ASTRID], page.outbox)
    await rooms.expel(ROOM, "astrid")
    assert page.closed is Close.NOT_ALLOWED


@pytest.mark.parametrize(
    ("pass_", "hello", "why"),
    [
        (a_pass("dag", "relative", expires_at=1.0), {}, Close.BAD_TOKEN),
        (DAG, {"version": 2}, Close.WRONG_VERSION),
        (a_pass("bo", "nurse", staff=True, expires_at=1.0), {}, Close.BAD_TOKEN),
    ],
)
async def test_refused_hello_hears_nothing_and_may_say_nothing(
    rooms: Rooms, pass_: Pass, hello: dict[str, int], why: Close
) -> None:
    client = await Client(rooms, pass_).hello(**hello)
    assert await client.hear() == []
    assert client.closed is why
    await client.say("knock", name="Dag", relation="")
    assert rooms.waiting(ROOM) == []


async def test_empty_room_is_forgotten_once_nobody_may_return(diary: Diary) -> None:
    now = [1000.0]
    rooms = Rooms(diary, clock=lambda: now[0])
    astrid = await Client(rooms, ASTRID).hello()
    brief = a_pass("dag", "relative", expires_at=2000.0)
    dag = await Client(rooms, brief).knock()
    await dag.lose()
    await astrid.say("admit", participant="dag")
    await astrid.say("bye")
    now[0] = 1500.0
    await Client(rooms, a_pass("bo", "nurse", staff=True, room="other")).hello()
    assert set(rooms._rooms) == {ROOM, "other"}
    now[0] = 2500.0
    await Client(rooms, a_pass("bo", "nurse", staff=True, room="third")).hello()
    assert set(rooms._rooms) == {"other", "third"}


async def test_link_opened_again_and_again_keeps_its_newest_few_sockets(rooms: Rooms) -> None:
    waiting, other = await Client(rooms, DAG).knock(), await Client(rooms, ELLEN).hello()
    opened = [await Client(rooms, DAG, device=f"device {number}").hello() for number in range(20)]
    assert [client.closed for client in opened] == [Close.REPLACED] * 12 + [None] * 8
    assert (waiting.closed, other.closed) == (None, None)
    await opened[-1].say("knock", name="Dag", relation="")
    assert "waiting" in await opened[-1].hear_types()
    for client in opened:
        await client.lose()
    assert rooms.everybody(ROOM) == {"dag"}
