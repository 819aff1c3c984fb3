"""Who offers, what is relayed, and when a connection is made anew."""

from typing import Any

import pytest

from signaling.pairs import AHEAD_OF_CLOCK
from signaling.rooms import Rooms
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, Client, a_pass, let_in, quiet

OFFER = {"type": "offer", "sdp": "v=0"}
ANSWER = {"type": "answer", "sdp": "v=0"}


async def two(rooms: Rooms) -> tuple[Client, Client, int]:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    generation: int = (await bo.hear_last("make"))["generation"]
    await quiet(astrid)
    return astrid, bo, generation


async def test_the_one_already_there_offers_and_both_are_told(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    for_astrid, for_bo = await astrid.hear_last("make"), await bo.hear_last("make")
    assert (for_astrid["peer"], for_bo["peer"]) == ("bo", "astrid")
    assert for_astrid["offerer"] == for_bo["offerer"] == "astrid"
    assert for_astrid["generation"] == for_bo["generation"]


async def test_every_pair_of_four_gets_its_own_generation(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    clients = [astrid, bo, await let_in(astrid, Client(rooms, ELLEN)), await let_in(bo, Client(rooms, DAG))]
    made = [
        (message["generation"], message["offerer"])
        for c in clients
        for message in await c.hear()
        if message["type"] == "make"
    ]
    assert len(made) == 12
    assert len({generation for generation, _ in made}) == 6


async def test_description_and_candidate_arrive_under_the_true_name(rooms: Rooms) -> None:
    astrid, bo, generation = await two(rooms)
    await astrid.say("description", to="bo", generation=generation, description=OFFER, **{"from": "ellen"})
    await bo.say("description", to="astrid", generation=generation, description=ANSWER)
    await bo.say("candidate", to="astrid", generation=generation, candidate=None)
    assert await bo.hear() == [
        {"type": "description", "from": "astrid", "generation": generation, "description": OFFER}
    ]
    assert await astrid.hear() == [
        {"type": "description", "from": "bo", "generation": generation, "description": ANSWER},
        {"type": "candidate", "from": "bo", "generation": generation, "candidate": None},
    ]


async def test_only_the_named_offerer_offers(rooms: Rooms) -> None:
    astrid, bo, generation = await two(rooms)
    await bo.say("description", to="astrid", generation=generation, description=OFFER)
    await astrid.say("description", to="bo", generation=generation, description=ANSWER)
    assert [(m["type"], m["code"]) for m in await bo.hear() + await astrid.hear()] == [
        ("err", "not-allowed")
    ] * 2


@pytest.mark.parametrize("to", ["ellen", "dag", "nobody", "bo"])
async def test_nothing_is_relayed_to_a_seat_that_is_not_inside(rooms: Rooms, to: str) -> None:
    astrid, bo, generation = await two(rooms)
    waiting = await Client(rooms, ELLEN).knock()
    elsewhere = await Client(rooms, a_pass("dag", "nurse", staff=True, room="another")).hello()
    await bo.say("bye")
    await quiet(astrid, bo, waiting, elsewhere)
    await astrid.say("description", to=to, generation=generation, description=OFFER)
    await astrid.say("candidate", to=to, generation=generation, candidate=None)
    assert [await client.hear() for client in (bo, waiting, elsewhere)] == [[], [], []]


async def test_older_generation_is_dropped(rooms: Rooms) -> None:
    astrid, bo, generation = await two(rooms)
    await bo.say("recreate", peer="astrid", generation=generation)
    await quiet(astrid, bo)
    await astrid.say("description", to="bo", generation=generation, description=OFFER)
    await bo.say("candidate", to="astrid", generation=generation, candidate=None)
    assert await astrid.hear() + await bo.hear() == []


async def test_both_asking_to_recreate_gives_one_new_generation(rooms: Rooms) -> None:
    astrid, bo, generation = await two(rooms)
    await astrid.say("recreate", peer="bo", generation=generation)
    await bo.say("recreate", peer="astrid", generation=generation)
    made = await astrid.hear()
    assert made == [{"type": "make", "peer": "bo", "generation": generation + 1, "offerer": "astrid"}]


async def test_socket_that_comes_back_keeps_the_connections_it_still_holds(rooms: Rooms) -> None:
    astrid, bo, generation = await two(rooms)
    await bo.lose()
    await quiet(astrid)
    back = await Client(rooms, BO).hello(holding=[{"peer": "astrid", "generation": generation}])
    assert "make" not in await back.hear_types()
    assert "make" not in await astrid.hear_types()
    await back.say("candidate", to="astrid", generation=generation, candidate=None)
    assert (await astrid.hear_last("candidate"))["from"] == "bo"


@pytest.mark.parametrize(
    "held", [[], [{"peer": "astrid", "generation": 7}], [{"peer": "dag", "generation": 1}]]
)
async def test_socket_that_comes_back_without_the_connection_gets_a_new_one(
    rooms: Rooms, held: list[dict[str, Any]]
) -> None:
    astrid, bo, generation = await two(rooms)
    await bo.lose()
    back = await Client(rooms, BO).hello(holding=held)
    assert (await back.hear_last("make"))["generation"] > generation
    assert (await astrid.hear_last("make"))["offerer"] == "astrid"


async def test_connection_that_breaks_while_the_peer_is_away_is_made_on_return(rooms: Rooms) -> None:
    astrid, bo, generation = await two(rooms)
    await bo.lose()
    await quiet(astrid)
    await astrid.say("recreate", peer="bo", generation=generation)
    assert await astrid.hear() == []
    back = await Client(rooms, BO).hello(holding=[{"peer": "astrid", "generation": generation}])
    assert (await back.hear_last("make"))["generation"] == (await astrid.hear_last("make"))["generation"]


async def test_page_loaded_again_while_the_peer_is_away_is_connected_when_that_one_is_back(
    rooms: Rooms,
) -> None:
    astrid, bo, generation = await two(rooms)
    await bo.lose()
    await astrid.lose()
    astrid = await Client(rooms, ASTRID).hello()
    back = await Client(rooms, BO).hello(holding=[{"peer": "astrid", "generation": generation}])
    assert (await back.hear_last("make"))["generation"] == (await astrid.hear_last("make"))["generation"]


async def test_restart_is_asked_of_the_offerer_whoever_asks(rooms: Rooms) -> None:
    astrid, bo, generation = await two(rooms)
    await bo.say("restart", peer="astrid", generation=generation)
    assert await astrid.hear() == [{"type": "restart", "peer": "bo", "generation": generation}]
    assert await bo.hear() == []
    await astrid.say("description", to="bo", generation=generation, description=OFFER)
    await bo.say("description", to="astrid", generation=generation, description=ANSWER)
    assert [message["type"] for message in await bo.hear() + await astrid.hear()] == ["description"] * 2


async def test_both_asking_for_a_restart_gives_one_and_later_another(diary: Any) -> None:
    now = [1000.0]
    astrid, bo, generation = await two(Rooms(diary, clock=lambda: now[0]))
    for now[0] in (1000.0, 1001.0, 1003.0):
        await bo.say("restart", peer="astrid", generation=generation)
        await astrid.say("restart", peer="bo", generation=generation)
    assert await astrid.hear_types() == ["restart", "restart"]


@pytest.mark.parametrize("change", [{"peer": "bo"}, {"peer": "ellen"}, {"generation": 1}])
async def test_restart_of_what_is_no_connection_is_ignored(rooms: Rooms, change: dict[str, Any]) -> None:
    astrid, bo, generation = await two(rooms)
    await Client(rooms, ELLEN).knock()
    await quiet(astrid, bo)
    await bo.say("restart", **{"peer": "astrid", "generation": generation} | change)
    assert await astrid.hear() + await bo.hear() == []


async def test_second_device_never_inherits_a_connection(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    phone = await let_in(astrid, Client(rooms, DAG, device="phone"))
    old = (await phone.hear_last("make"))["generation"]
    laptop = await let_in(astrid, Client(rooms, DAG, device="laptop"))
    assert (await laptop.hear_last("make"))["generation"] > old
    await quiet(astrid)
    await phone.say("candidate", to="astrid", generation=old, candidate=None)
    assert await astrid.hear() == []


async def test_generations_of_a_restarted_server_are_new(diary: Any) -> None:
    before, after = Rooms(diary, clock=lambda: 1000.0), Rooms(diary, clock=lambda: 1030.0)
    *_, first = await two(before)
    *_, second = await two(after)
    assert second > first


async def test_number_claimed_far_ahead_of_the_clock_costs_nobody_their_connection(diary: Any) -> None:
    rooms = Rooms(diary, clock=lambda: 1000.0)
    astrid, bo, _ = await two(rooms)
    await let_in(astrid, Client(rooms, DAG))
    far = {"peer": "nobody", "generation": 1000 + AHEAD_OF_CLOCK, "offerer": "nobody"}
    dag = await Client(rooms, DAG).hello(holding=[far])
    made = [message for message in await dag.hear() if message["type"] == "make"]
    assert [message["peer"] for message in made] == ["astrid", "bo"]
    await quiet(astrid, bo)
    again = await Client(rooms, DAG).hello(
        holding=[{name: one[name] for name in ("peer", "generation", "offerer")} for one in made]
    )
    assert [message["type"] for message in await again.hear()] == ["welcome", "admitted"]
    assert {message["type"] for c in (astrid, bo) for message in await c.hear()} <= {"roster", "knocking"}
