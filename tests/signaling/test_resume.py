"""A restarted server takes everybody in again: by admissions the owner noted, with the connections they still hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from signaling.admissions import Admission, device_digest
from signaling.errors import Close
from signaling.passes import Pass
from signaling.rooms import Rooms
from signaling.seats import State
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, FOREVER, ROOM, Client, Diary, let_in, quiet

START = 1_795_219_200


class Keeper(Diary):
    """An owner who keeps admissions where a restart does not reach."""

    async def let_in(self, by: Pass, pass_: Pass, device: str) -> bool | None:
        known = self.admissions.get(pass_.participant)
        devices = (known.devices if known else frozenset()) | {device}
        self.admissions[pass_.participant] = Admission(FOREVER, "Dag Jensen", "son", devices)
        return await super().let_in(by, pass_, device)

    async def removed(self, by: Pass, pass_: Pass) -> bool | None:
        del self.admissions[pass_.participant]
        return await super().removed(by, pass_)


@dataclass
class Page:
    """One browser page through several sockets: knows the connections it holds, as a client does."""

    pass_: Pass
    client: Client = field(init=False)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0

    async def dial(self, rooms: Rooms, device: str = "") -> "Page":
        self.client = Client(rooms, self.pass_, device)
        await self.client.hello(holding=[*self.held.values()])
        return await self.hear()

    async def hear(self) -> "Page":
        for message in await self.client.hear():
            if message["type"] == "make":
                self.made += 1
                self.held[message["peer"]] = {key: message[key] for key in ("peer", "generation", "offerer")}
        return self


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def server(keeper: Keeper) -> Callable[[], Rooms]:
    """Each call is a server that has just started, a second after the one before."""
    starts = iter(range(START, START + 100))

    def start() -> Rooms:
        now = float(next(starts))
        return Rooms(keeper, reserved=("ward", "nurse"), clock=lambda: now)

    return start


async def a_call(rooms: Rooms) -> list[Page]:
    """Astrid, Bo and Dag, all connected."""
    astrid, bo = await Page(ASTRID).dial(rooms), await Page(BO).dial(rooms)
    dag = await Page(DAG).dial(rooms)
    await dag.client.say("knock", name="Dag Jensen", relation="son")
    await bo.client.say("admit", participant="dag")
    pages = [astrid, bo, dag]
    for page in pages:
        await page.hear()
        page.made = 0
    return pages


async def test_restart_keeps_everybody_inside_and_every_connection_untouched(
    server: Callable[[], Rooms], keeper: Keeper
) -> None:
    pages = await a_call(server())
    held = [dict(page.held) for page in pages]
    after = server()
    for page in reversed(pages):
        await page.dial(after)
    for page in pages:
        await page.hear()
    assert [page.client.seat.state for page in pages] == [State.ADMITTED] * 3
    assert [entry.name for entry in after.present(ROOM)] == ["Dag Jensen", "Bo", "Astrid"]
    assert [page.made for page in pages] == [0, 0, 0]
    assert [page.held for page in pages] == held
    assert ("returned", "dag") in keeper.counted


async def test_adopted_connection_relays_restarts_and_is_made_anew_above_its_generation(
    server: Callable[[], Rooms],
) -> None:
    astrid, bo, dag = await a_call(server())
    after = server()
    for page in (dag, bo, astrid):
        await page.dial(after)
    held = bo.held["dag"]
    await dag.client.say("candidate", to="bo", generation=held["generation"], candidate=None)
    assert (await bo.client.hear_last("candidate"))["from"] == "dag"
    await dag.client.say("restart", peer="bo", generation=held["generation"])
    assert await bo.client.hear() == [{"type": "restart", "peer": "dag", "generation": held["generation"]}]
    await quiet(dag.client)
    await dag.client.say("recreate", peer="bo", generation=held["generation"])
    highest = max(entry["generation"] for page in (astrid, bo, dag) for entry in page.held.values())
    made = await dag.client.hear_last("make")
    assert made == await bo.client.hear_last("make") | {"peer": "bo"}
    assert made["generation"] > highest
    assert made["offerer"] == held["offerer"] == "bo"


@pytest.mark.parametrize(
    "claim",
    [
        {"peer": "astrid", "generation": START, "offerer": "astrid"},  # another generation
        {"peer": "astrid", "generation": START + 1, "offerer": "bo"},  # another offerer
        {"peer": "astrid", "generation": START + 1},  # does not know who offered
        {"peer": "dag", "generation": START + 1, "offerer": "astrid"},  # with somebody else
    ],
)
async def test_ends_that_do_not_agree_are_connected_anew(
    server: Callable[[], Rooms], claim: dict[str, Any]
) -> None:
    after = server()
    astrid, bo = Page(ASTRID), Page(BO)
    astrid.held["bo"] = {"peer": "bo", "generation": START + 1, "offerer": "astrid"}
    bo.held["astrid"] = claim
    await astrid.dial(after)
    await bo.dial(after)
    await astrid.hear()
    assert (astrid.made, bo.made) == (1, 1)
    assert astrid.held["bo"]["generation"] > START + 1


async def test_two_who_claim_a_third_as_offerer_are_connected_anew(server: Callable[[], Rooms]) -> None:
    after = server()
    astrid, bo = Page(ASTRID), Page(BO)
    astrid.held["bo"] = {"peer": "bo", "generation": START, "offerer": "dag"}
    bo.held["astrid"] = {"peer": "astrid", "generation": START, "offerer": "dag"}
    assert (await (await astrid.dial(after)).hear()).made == 0
    assert (await bo.dial(after)).made == 1


async def test_claim_lapses_when_the_other_end_does_not_come_in_time(keeper: Keeper) -> None:
    now = [float(START)]
    rooms = Rooms(keeper, clock=lambda: now[0])
    astrid, bo = Page(ASTRID), Page(BO)
    astrid.held["bo"] = {"peer": "bo", "generation": START - 5, "offerer": "astrid"}
    bo.held["astrid"] = {"peer": "astrid", "generation": START - 5, "offerer": "astrid"}
    await astrid.dial(rooms)
    now[0] += 31
    await bo.dial(rooms)
    assert (await astrid.hear()).made == bo.made == 1


async def test_connection_given_up_before_the_other_end_came_back_is_made_anew(
    server: Callable[[], Rooms],
) -> None:
    astrid, bo, _dag = await a_call(server())
    after = server()
    await astrid.dial(after)
    await astrid.client.say("recreate", peer="bo", generation=astrid.held["bo"]["generation"])
    await bo.dial(after)
    assert bo.made == 1


async def test_connection_given_up_while_the_peer_is_away_is_not_adopted_later(
    server: Callable[[], Rooms],
) -> None:
    rooms = server()
    astrid, bo, _dag = await a_call(rooms)
    await bo.client.lose()
    await astrid.client.lose()
    await astrid.dial(rooms)
    await astrid.client.say("recreate", peer="bo", generation=astrid.held["bo"]["generation"])
    await bo.dial(rooms)
    assert bo.made == 1


async def test_generations_start_above_the_highest_that_anybody_holds(server: Callable[[], Rooms]) -> None:
    after = server()
    astrid, bo = Page(ASTRID), Page(BO)
    astrid.held["dag"] = {"peer": "dag", "generation": START + 500, "offerer": "dag"}
    await astrid.dial(after)
    await bo.dial(after)
    assert bo.held["astrid"]["generation"] == START + 501


async def test_made_up_generation_does_not_use_up_the_numbers_of_the_room(
    server: Callable[[], Rooms],
) -> None:
    after = server()
    astrid, bo = Page(ASTRID), Page(BO)
    for page, peer in ((astrid, "bo"), (bo, "astrid")):
        page.held[peer] = {"peer": peer, "generation": 2**53 - 1, "offerer": "bo"}
        await page.dial(after)
    assert bo.held["astrid"]["generation"] == START + 1


async def test_admission_holds_only_on_the_device_that_was_let_in(server: Callable[[], Rooms]) -> None:
    await a_call(server())
    stranger = await Page(DAG).dial(server(), device="another phone")
    assert stranger.client.seat.state is State.CONNECTING


async def test_removed_guest_knocks_again_after_a_restart_too(server: Callable[[], Rooms]) -> None:
    astrid, _bo, _dag = await a_call(server())
    await astrid.client.say("remove", participant="dag")
    assert (await Page(DAG).dial(server())).client.seat.state is State.CONNECTING


async def test_admission_is_noted_by_the_digest_of_the_device_and_nothing_keeps_the_device_itself(
    rooms: Rooms, diary: Diary
) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG, device="planted-device-secret"))
    assert [digest for *_, digest in diary.devices] == [device_digest("planted-device-secret")]
    assert "planted-device-secret" not in f"{dag.seat.device} {rooms._rooms[ROOM]._admissions._known}"


async def test_guest_without_a_device_is_let_in_once_and_knocks_again(
    server: Callable[[], Rooms], keeper: Keeper
) -> None:
    rooms = server()
    astrid = await Client(rooms, ASTRID).hello()
    dag = Client(rooms, DAG)
    await dag.hello(device=None)
    await dag.say("knock")
    await astrid.say("admit", participant="dag")
    assert dag.seat.state is State.ADMITTED
    assert keeper.devices == [("dag", "")]
    again = await Client(rooms, DAG).hello(device=None)
    assert again.seat.state is State.CONNECTING


async def test_owner_is_not_asked_for_staff_nor_twice_for_a_guest(rooms: Rooms, diary: Diary) -> None:
    diary.says["admission"] = RuntimeError("asked")
    await Client(rooms, ASTRID).hello()
    diary.says.clear()
    diary.admissions["dag"] = Admission(FOREVER, "Dag", "", frozenset({device_digest("device of dag")}))
    await Client(rooms, DAG).hello()
    diary.says["admission"] = RuntimeError("asked again")
    assert (await Client(rooms, DAG).hello()).seat.state is State.ADMITTED


async def test_guest_whose_admission_cannot_be_looked_up_is_asked_to_dial_again(
    rooms: Rooms, diary: Diary
) -> None:
    await Client(rooms, ASTRID).hello()
    diary.says["admission"] = TimeoutError("the database is busy")
    dag = await Client(rooms, DAG).hello()
    assert dag.closed is Close.UNAVAILABLE
    assert await dag.hear_types() == ["welcome", "err"]


async def test_declined_forwarded_link_leaves_the_admission_of_who_is_inside(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await Client(rooms, DAG, device="another phone").knock()
    await astrid.say("decline", participant="dag")
    await dag.lose()
    assert (await Client(rooms, DAG).hello()).seat.state is State.ADMITTED


async def test_declined_guest_who_is_not_inside_is_not_let_in_by_an_older_admission(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    ellen = await let_in(astrid, Client(rooms, ELLEN))
    await ellen.say("bye")
    await Client(rooms, ELLEN, device="another phone").knock()
    await astrid.say("decline", participant="ellen")
    assert (await Client(rooms, ELLEN).hello()).seat.state is State.CONNECTING
