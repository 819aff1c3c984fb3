"""What those inside see of each other: live text, hands, lines, screens, fresh credentials, and a signed roster."""

import pytest

from signaling.ice import Ice, IceServer
from signaling.inside import FRESH_ICE_EVERY, MOST_REPORTS
from signaling.outbox import Outbox
from signaling.passes import Pass
from signaling.rooms import Rooms
from tests.signaling.cast import ASTRID, BO, DAG, ELLEN, IDA, ROOM, Client, Diary, a_pass, let_in, quiet

FLAGS = ("hand", "sharing", "signing", "quality")
SHA = "sha-256 4A:7C:09:E1"


async def test_typing_reaches_everybody_inside_but_who_types(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    dag, ellen = await let_in(astrid, Client(rooms, DAG)), await Client(rooms, ELLEN).knock()
    await quiet(astrid, bo, dag, ellen)
    await dag.say("text", line=1, text="Helo", done=False, **{"from": "bo"})
    said = [{"type": "text", "from": "dag", "line": 1, "text": "Helo", "done": False}]
    assert [await client.hear() for client in (astrid, bo, dag, ellen)] == [said, said, [], []]
    await dag.say("text", line=1, text="", done=True)
    assert await bo.hear() == [said[0] | {"text": "", "done": True}]


async def test_newer_state_of_a_line_replaces_one_that_has_not_left_and_no_other(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await quiet(bo)
    for text in ("H", "He", "Hel"):
        await dag.say("text", line=1, text=text)
        await astrid.say("text", line=1, text=text.upper())
    await dag.say("text", line=2, text="next")
    heard = [(message["from"], message["line"], message["text"]) for message in await bo.hear()]
    assert heard == [("dag", 1, "Hel"), ("astrid", 1, "HEL"), ("dag", 2, "next")]


async def test_thousand_states_of_a_line_do_not_fill_a_slow_readers_queue(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    await quiet(bo)
    for length in range(1_000):
        await astrid.say("text", line=1, text="x" * length)
    assert [len(message["text"]) for message in await bo.hear()] == [999]


async def test_fan_out_is_written_once_for_all(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    await quiet(astrid, bo, dag)
    await dag.say("text", line=1, text="once")
    await dag.say("media", microphone=True, camera=True, pictures=True)

    def waiting(outbox: Outbox) -> dict[str | None, int]:
        return {sealed.topic: id(sealed.text) for sealed in outbox._queue}

    assert waiting(astrid.outbox) == waiting(bo.outbox)
    assert len(waiting(bo.outbox)) == 2
    assert waiting(dag.outbox)["roster"] == waiting(bo.outbox)["roster"]


async def test_hand_screen_sign_language_and_line_are_in_the_roster(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    basic = {"microphone": True, "camera": True, "pictures": True}
    await bo.say("media", **basic, hand=True, sharing=True, signing=True, quality="poor")
    entry = (await astrid.hear_last("roster"))["roster"][1]
    assert [entry[flag] for flag in FLAGS] == [True, True, True, "poor"]
    await bo.say("media", **basic)
    entry = (await astrid.hear_last("roster"))["roster"][1]
    assert [entry[flag] for flag in FLAGS] == [False, False, False, ""]


async def test_saying_the_same_again_tells_nobody(rooms: Rooms) -> None:
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    for _ in range(3):
        await bo.say("media", microphone=True, camera=True, pictures=True)
    assert (await astrid.hear_types()).count("roster") == 1
    await bo.say("media", microphone=True, camera=True, pictures=True)
    assert await astrid.hear() == []


async def test_hand_stays_up_through_a_lost_socket(rooms: Rooms) -> None:
    bo = await Client(rooms, BO).hello()
    await bo.say("media", microphone=True, camera=True, pictures=True, hand=True, signing=True)
    await bo.lose()
    await Client(rooms, BO).hello()
    assert [(entry.hand, entry.signing) for entry in rooms.present(ROOM)] == [(True, True)]


async def test_interpreter_is_shown_with_whom_they_speak_for(rooms: Rooms) -> None:
    astrid = await Client(rooms, ASTRID).hello()
    await let_in(astrid, Client(rooms, a_pass("inge", "interpreter", speaks_for="ellen")))
    assert [entry.speaks_for for entry in rooms.present(ROOM)] == ["", "ellen"]


async def test_fresh_credentials_come_once_in_ten_seconds_and_to_the_asker_alone(diary: Diary) -> None:
    now = [1000.0]

    def ice(pass_: Pass) -> Ice:
        server = IceServer(["turn:turn.example"], f"{now[0]:.0f}:{pass_.participant}", "secret")
        return Ice([server], relay_only=not pass_.admits, expires_at=now[0] + 90.5)

    rooms = Rooms(diary, ice=ice, clock=lambda: now[0])
    astrid = await Client(rooms, ASTRID).hello()
    dag = await let_in(astrid, Client(rooms, DAG))
    admitted = await dag.hear_last("admitted")
    assert (admitted["relay_only"], admitted["lasts"]) == (True, 90)
    await quiet(astrid)
    for seconds in (0, 1, 1, FRESH_ICE_EVERY):
        now[0] += seconds
        await dag.say("turn")
    first, *refused, second = await dag.hear()
    assert [message["code"] for message in refused] == ["not-allowed"] * 2
    assert [message["ice"][0]["username"] for message in (first, second)] == ["1000:dag", "1012:dag"]
    assert (second["type"], second["relay_only"], second["lasts"]) == ("ice", True, 90)
    assert await astrid.hear() == []


async def test_without_a_relay_nothing_ends(diary: Diary) -> None:
    astrid = await Client(Rooms(diary), ASTRID).hello()
    admitted = await astrid.hear_last("admitted")
    assert (admitted["ice"], admitted["relay_only"], admitted["lasts"]) == ([], False, 0)


async def test_reports_are_counted_and_one_guest_cannot_be_all_of_them(rooms: Rooms, diary: Diary) -> None:
    bo = await Client(rooms, BO).hello()
    await quiet(bo)
    await bo.say("report", first_frame=840, relayed=None)
    for _ in range(MOST_REPORTS):
        await bo.say("report", first_frame=None, relayed=True)
    assert diary.counted == [("bo", 840, None)] + [("bo", None, True)] * (MOST_REPORTS - 1)
    assert [message["code"] for message in await bo.hear()] == ["not-allowed"]


async def test_owner_who_cannot_count_does_not_disturb_the_talk(rooms: Rooms, diary: Diary) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no more counters")

    diary.reported = diary.returned = fails  # type: ignore[method-assign]
    bo = await Client(rooms, BO).hello()
    await quiet(bo)
    await bo.say("report", first_frame=840)
    assert await bo.hear() == []
    assert (await Client(rooms, BO).hello()).closed is None


class Seal:
    """An owner's key that can be read: the signature is what was signed."""

    def __init__(self) -> None:
        self.signed: list[bytes] = []

    def __call__(self, lines: bytes) -> str:
        self.signed.append(lines)
        return f"signature {len(self.signed)}"


async def test_roster_is_signed_over_who_is_here_with_which_certificate(diary: Diary) -> None:
    sign = Seal()
    rooms = Rooms(diary, sign=sign)
    astrid = await Client(rooms, ASTRID).hello(fingerprint=SHA)
    await let_in(astrid, Client(rooms, IDA))
    assert sign.signed[-1].decode() == (
        f"roster 1\n{ROOM}\nastrid\x1fward\x1fAstrid\x1f{SHA}\nida\x1frelative\x1fIda\x1f"
    )
    roster = await astrid.hear_last("roster")
    assert [entry["fingerprint"] for entry in roster["roster"]] == [SHA, ""]
    assert roster["signature"] == "signature 2"


async def test_everybody_gets_the_same_signature_and_a_microphone_needs_no_new_one(diary: Diary) -> None:
    sign = Seal()
    rooms = Rooms(diary, sign=sign)
    astrid, bo = await Client(rooms, ASTRID).hello(), await Client(rooms, BO).hello()
    assert [(await c.hear_last(t))["signature"] for c, t in ((astrid, "roster"), (bo, "admitted"))] == [
        "signature 2"
    ] * 2
    await bo.say("media", microphone=True, camera=True, pictures=True, hand=True)
    assert (await astrid.hear_last("roster"))["signature"] == "signature 2"
    await bo.lose()
    await Client(rooms, BO).hello(fingerprint=SHA)
    assert (await astrid.hear_last("roster"))["signature"] == "signature 3"
    assert len(sign.signed) == 3


@pytest.mark.parametrize("name", ["Astrid\nbo\x1fnurse\x1fBo", "Astrid\x1fward"])
async def test_no_name_can_pass_for_another_line_of_the_signed_roster(diary: Diary, name: str) -> None:
    sign = Seal()
    rooms = Rooms(diary, sign=sign)
    astrid = await Client(rooms, a_pass("astrid", "ward", staff=True, name=name)).hello()
    dag = Client(rooms, DAG)
    await dag.knock(name)
    await astrid.say("admit", participant="dag")
    lines = sign.signed[-1].decode().split("\n")
    assert [len(line.split("\x1f")) for line in lines] == [1, 1, 4, 4]
    assert [entry.name for entry in rooms.present(ROOM)] == [" ".join(name.split())] * 2


async def test_second_device_does_not_inherit_the_certificate_of_the_first(rooms: Rooms) -> None:
    await Client(rooms, BO).hello(fingerprint=SHA)
    await Client(rooms, BO, device="tablet").hello()
    assert [entry.fingerprint for entry in rooms.present(ROOM)] == [""]
