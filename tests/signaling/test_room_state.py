"""What a room goes through, and what hosts, watchers and the owner are told of it."""

import asyncio
from itertools import product

import pytest

from signaling.room_state import RoomState, next_state
from signaling.rooms import Rooms
from tests.signaling.cast import ASTRID, BO, DAG, ROOM, Client, Diary, let_in, quiet

SCHEDULED, OPEN, LIVE, GRACE, CLOSED = RoomState


@pytest.mark.parametrize(
    ("state", "connected", "anybody", "then"),
    [
        (SCHEDULED, 0, False, SCHEDULED),
        (SCHEDULED, 0, True, OPEN),
        (SCHEDULED, 2, True, LIVE),  # after a restart two may be back before anybody looks
        (OPEN, 1, True, OPEN),
        (OPEN, 2, True, LIVE),
        (OPEN, 0, False, CLOSED),
        (LIVE, 6, True, LIVE),
        (LIVE, 1, True, GRACE),
        (LIVE, 0, False, GRACE),
        (GRACE, 1, True, GRACE),
        (GRACE, 0, False, GRACE),
        (GRACE, 2, True, LIVE),
        (CLOSED, 0, False, CLOSED),
        (CLOSED, 0, True, OPEN),
    ],
)
def test_state_follows_from_who_is_there(
    state: RoomState, connected: int, anybody: bool, then: RoomState
) -> None:
    assert next_state(state, connected=connected, anybody=anybody) is then


@pytest.mark.parametrize(("anybody", "then"), [(True, OPEN), (False, CLOSED)])
def test_grace_that_is_over_leaves_the_room_open_or_closed(anybody: bool, then: RoomState) -> None:
    assert next_state(GRACE, connected=0, anybody=anybody, grace_over=True) is then


def test_ending_closes_from_every_state_and_nothing_else_closes_a_room_with_people_in_it() -> None:
    for state, connected in product(RoomState, range(3)):
        assert next_state(state, connected=connected, anybody=True, ended=True) is CLOSED
        for grace_over in (False, True):
            after = next_state(state, connected=connected, anybody=True, grace_over=grace_over)
            assert after not in (CLOSED, SCHEDULED)


async def test_room_opens_comes_alive_is_interrupted_and_comes_alive_again(rooms: Rooms) -> None:
    assert rooms.state(ROOM) is SCHEDULED
    dag = await Client(rooms, DAG).knock()
    assert rooms.state(ROOM) is OPEN
    astrid = await Client(rooms, ASTRID).hello()
    assert (await astrid.hear_last("knocking"))["state"] == "open"
    await astrid.say("admit", participant="dag")
    heard = await astrid.hear_last("knocking")
    assert (heard["state"], heard["talking"]) == ("live", True)
    await dag.lose()
    heard = await astrid.hear_last("knocking")
    assert (heard["state"], heard["talking"]) == ("grace", False)
    await Client(rooms, DAG).hello()
    assert (await astrid.hear_last("knocking"))["state"] == "live"


async def test_room_that_everybody_left_is_closed_after_the_grace_and_watchers_are_told(diary: Diary) -> None:
    rooms = Rooms(diary, grace_for=0.01)
    page = Client(rooms, ASTRID)
    rooms.watch([ASTRID], page.outbox)
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    await astrid.say("bye")
    await bo.say("bye")
    assert (await page.hear_last("knocking"))["state"] == "grace"
    async with asyncio.timeout(20):
        while rooms.state(ROOM) is not CLOSED:
            await asyncio.sleep(0)
    assert (await page.hear_last("knocking"))["state"] == "closed"
    await Client(rooms, BO).hello()
    assert rooms.state(ROOM) is OPEN


async def test_somebody_who_stays_after_the_grace_keeps_the_room_open(diary: Diary) -> None:
    rooms = Rooms(diary, grace_for=0.01)
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    await bo.say("bye")
    async with asyncio.timeout(20):
        while rooms.state(ROOM) is not OPEN:
            await asyncio.sleep(0)
    assert (await astrid.hear_last("knocking"))["state"] == "open"
    assert astrid.closed is None


async def test_room_that_comes_alive_again_does_not_close_by_its_old_grace(diary: Diary) -> None:
    rooms = Rooms(diary, grace_for=0.01)
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    await bo.lose()
    timer = rooms._rooms[ROOM]._course._grace
    await Client(rooms, BO).hello()
    assert timer is not None and timer.cancelled()
    await astrid.say("ping")
    assert rooms.state(ROOM) is LIVE


async def test_host_who_ends_the_room_closes_it(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await let_in(astrid, Client(rooms, DAG))
    await astrid.say("end")
    assert rooms.state(ROOM) is CLOSED


async def test_socket_that_never_knocks_leaves_the_room_closed_behind_it(rooms: Rooms) -> None:
    dag = await Client(rooms, DAG).hello()
    await dag.lose()
    assert rooms.state(ROOM) is CLOSED


async def test_owner_learns_the_form_of_the_talk_as_it_changes(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await astrid.say("media", microphone=True, camera=True, pictures=True)
    assert diary.forms == []  # alone is no talk
    dag = await let_in(astrid, Client(rooms, DAG))
    await dag.say("media", microphone=True, camera=True, pictures=True)
    await astrid.say("media", microphone=True, camera=False, pictures=True)
    await dag.say("media", microphone=True, camera=False, pictures=True)
    await dag.lose()
    await Client(rooms, DAG).hello()
    await astrid.say("end")
    assert diary.forms == ["video", "sound", "", "sound", ""]


async def test_shared_screen_is_a_picture(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await let_in(astrid, Client(rooms, DAG))
    await astrid.say("media", microphone=True, camera=False, pictures=True, sharing=True)
    assert diary.forms == ["sound", "video"]


async def test_picture_that_nobody_takes_is_no_video(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await dag.say("media", microphone=True, camera=False, pictures=False)
    await astrid.say("media", microphone=True, camera=True, pictures=True)
    assert diary.forms == ["sound"]


async def test_owner_who_cannot_note_the_form_does_not_disturb_the_talk(rooms: Rooms, diary: Diary) -> None:
    diary.says["formed"] = OSError("no space left")
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await quiet(astrid, dag)
    await dag.say("media", microphone=True, camera=True, pictures=True)
    assert await dag.hear_types() == ["roster"]
    assert (await astrid.hear_last("roster"))["roster"][1]["camera"] is True


async def test_owner_is_told_whenever_somebodys_line_begins_to_work(rooms: Rooms, diary: Diary) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    for quality in ("", "good", "fair", "lost", "lost", "", "poor", "good"):
        await dag.say("media", microphone=True, camera=True, pictures=True, quality=quality)
    assert [line for line in diary.lines if line[0] == "connected"] == [("connected", "dag")] * 2


async def test_owner_who_cannot_note_it_does_not_disturb_the_talk(rooms: Rooms, diary: Diary) -> None:
    diary.says["connected"] = OSError("no space left")
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await quiet(astrid, dag)
    await dag.say("media", microphone=True, camera=True, pictures=True, quality="good")
    assert (await astrid.hear_last("roster"))["roster"][1]["quality"] == "good"
