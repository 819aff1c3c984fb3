"""What waits for a slow reader stays small, and the reader is told to dial again."""

from signaling.announcements import Event, Knocking, Pong, Roster
from signaling.errors import Close
from signaling.outbox import MOST_MESSAGES, Outbox


def drain(outbox: Outbox) -> list[str]:
    said = []
    while (text := outbox.take()) is not None:
        said.append(text)
    return said


async def test_newer_roster_replaces_one_that_has_not_left_yet() -> None:
    outbox = Outbox()
    outbox.post(Roster([]))
    outbox.post(Pong())
    outbox.post(Roster([]))
    assert drain(outbox) == ['{"type":"pong"}', '{"type":"roster","roster":[],"signature":""}']


async def test_knocks_of_different_rooms_do_not_replace_each_other() -> None:
    outbox = Outbox()
    for room in ("a", "b", "a"):
        outbox.post(Knocking(room, "open", False, []))
    assert len(drain(outbox)) == 2


async def test_overflow_by_number_closes_and_lets_go_of_everything() -> None:
    outbox, called = Outbox(), []
    outbox.on_overflow(lambda: called.append(1))
    for _ in range(MOST_MESSAGES + 5):
        outbox.post(Pong())
    assert (outbox.closing, called) == (Close.SLOW, [1])
    assert drain(outbox) == []


async def test_overflow_by_size_closes_too() -> None:
    outbox = Outbox()
    for _ in range(5):
        outbox.post(Event({"text": "x" * 60_000}))
    assert outbox.closing is Close.SLOW


async def test_what_was_said_before_closing_is_still_delivered_and_nothing_after() -> None:
    outbox = Outbox()
    outbox.post(Pong())
    outbox.close(Close.REPLACED)
    outbox.close(Close.ENDED)
    outbox.post(Pong())
    assert (drain(outbox), outbox.closing) == (['{"type":"pong"}'], Close.REPLACED)
