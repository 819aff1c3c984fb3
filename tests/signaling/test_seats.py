"""Every message from every state: the table that says who may say what, tried out message by message."""

import pytest

from signaling.messages import PARSERS
from signaling.rooms import Rooms
from signaling.seats import ALLOWED, MOVES, State
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, Client, let_in, quiet

EXAMPLES = {
    "hello": {"version": 1},
    "knock": {"name": "Dag", "relation": "son"},
    "description": {"to": "astrid", "generation": 1, "description": {"type": "offer", "sdp": "v=0"}},
    "candidate": {"to": "astrid", "generation": 1, "candidate": None},
    "recreate": {"peer": "astrid", "generation": 1},
    "restart": {"peer": "astrid", "generation": 1},
    "media": {"microphone": True, "camera": True, "pictures": True},
    "text": {"line": 1, "text": "Hel", "done": False},
    "company": {"people": ["somebody"]},
    "admit": {"participant": "ellen"},
    "decline": {"participant": "ellen"},
    "notify": {"message": "late"},
    "remove": {"participant": "dag"},
    "end": {},
    "turn": {},
    "report": {"first_frame": 900, "relayed": False},
    "bye": {},
    "ping": {},
}
QUEUEING = {"knock", "ping", "bye"}
GUEST = QUEUEING | {"description", "candidate", "recreate", "restart", "media", "text", "turn", "report"}
HOST = GUEST | {"company", "admit", "decline", "notify", "remove", "end"}
MAY_SAY = {
    "connecting": QUEUEING,
    "waiting": QUEUEING,
    "admitted guest": GUEST,
    "admitted host": HOST,
    "away": set(),
    "left": set(),
    "declined": set(),
    "replaced": set(),
}


async def seat_in(state: str, rooms: Rooms, host: Client) -> Client:
    client = Client(rooms, BO if state == "admitted host" else DAG)
    if state in ("connecting", "admitted host"):
        return await client.hello()
    await client.knock()
    if state == "declined":
        await host.say("decline", participant="dag")
    elif state == "left":
        await client.say("bye")
    elif state == "replaced":
        await Client(rooms, DAG).knock()
    elif state != "waiting":
        await host.say("admit", participant="dag")
        if state == "away":
            await client.lose()
    return client


def test_the_table_knows_every_message_and_every_state() -> None:
    assert set(EXAMPLES) == set(PARSERS)
    assert set(ALLOWED) == set(MOVES) == set(State)


@pytest.mark.parametrize("message", EXAMPLES)
@pytest.mark.parametrize("state", MAY_SAY)
async def test_message_is_carried_out_only_where_the_table_allows_it(
    rooms: Rooms, state: str, message: str
) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    ellen = await Client(rooms, ELLEN).knock()
    client = await seat_in(state, rooms, astrid)
    assert client.seat.state.value == state.split()[0]
    await quiet(client, astrid, ellen)
    before = (rooms.present("5f2c"), rooms.waiting("5f2c"))
    client.outbox.closing, client.seat.live = (
        None,
        True,
    )  # so that an answer to a finished seat would be heard
    await client.say(message, **EXAMPLES[message])
    refused = [heard["code"] for heard in await client.hear() if heard["type"] == "err"] == ["not-allowed"]
    assert refused is (message not in MAY_SAY[state])
    if refused:
        assert (await astrid.hear(), await ellen.hear()) == ([], [])
        if state != "away":
            assert (rooms.present("5f2c"), rooms.waiting("5f2c")) == before


async def test_final_states_have_no_way_out() -> None:
    assert [MOVES[state] for state in (State.LEFT, State.DECLINED, State.REPLACED)] == [frozenset()] * 3


async def test_seat_refuses_an_impossible_move(rooms: Rooms) -> None:
    dag = await let_in(await Client(rooms, ASTRID).hello(), Client(rooms, DAG))
    with pytest.raises(ValueError, match="admitted to waiting"):
        dag.seat.move(State.WAITING)
