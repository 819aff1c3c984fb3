from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from calendars.errors import TryLater
from calendars.mail import FolderMailer, Mailer, SmtpMailer
from handover.letters import Letters
from handover.post_room import GIVE_UP_AFTER, LEASE_SECONDS, PostRoom, wait_before
from handover.store import audit, outbox, posting
from handover.store.engine import Tx
from handover.store.sqlite import SqliteStore
from tests import booked
from tests.booked import Booked, book
from tests.calendars.mail_server import serving
from tests.cast import NOW, Cast
from tests.mailboxes import Recorder, a_folder, a_server, calendar_of, parsed
from tests.visitor import Clock

KEY = bytes(range(32))
FACTS = {"sequence": 0, "stamp": NOW, "starts_at": booked.STARTS_AT, "ends_at": booked.ENDS_AT, "why": "new"}


@pytest.fixture
def talk(store: SqliteStore, cast: Cast) -> Booked:
    return store.write_now(book, cast)


def post_room(store: SqliteStore, mailer: Mailer, clock: Clock) -> PostRoom:
    letters = Letters(base_url="https://talks.example", mailbox="talks@handover.example", key=KEY)
    return PostRoom(store, mailer, letters, clock=clock, jitter=lambda: 0.0)


def invite(store: SqliteStore, talk: Booked, *who: str, **facts: Any) -> list[str]:
    def write(tx: Tx) -> list[str]:
        return [
            outbox.write_letter(
                tx, "invitation", talk=talk.talk, participant=one, facts={**FACTS, **facts}, now=NOW
            )
            for one in who
        ]

    return store.write_now(write)


async def post_all(room: PostRoom) -> None:
    """Rounds until nothing is due."""
    while await room.post_due():
        pass


def states(store: SqliteStore) -> list[tuple[str, str, int]]:
    """Letter, state, tries, in the order in which the letters were written."""
    return store.read_now(lambda tx: tx.tuples("select letter, state, attempts from outbox order by number"))


Mailbox = Callable[[Path], AbstractAsyncContextManager[tuple[Mailer, Callable[[], list[bytes]]]]]


@pytest.mark.parametrize("mailbox", [a_folder, a_server])
async def test_letters_arrive_with_their_invitation_by_both_mailers(
    store: SqliteStore, clock: Clock, talk: Booked, tmp_path: Path, mailbox: Mailbox
) -> None:
    invite(store, talk, talk.bo, talk.ellen, talk.dag)
    async with mailbox(tmp_path) as (mailer, arrived):
        await post_all(post_room(store, mailer, clock))
        mails = [parsed(content) for content in arrived()]
    assert sorted(str(mail["To"]) for mail in mails) == [
        "Bo Madsen <bo@kommune.example>",
        "dag@abroad.example",
        "ellen@home.example",
    ]
    for mail in mails:
        kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
        assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
        assert str(mail["From"]).startswith("Sygehus Sønderjylland <talks+")
    assert states(store) == [("invitation", "sent", 1)] * 3
    assert set(store.read_now(booked.delivery, talk.talk).values()) == {"none", "sent"}


async def test_a_server_that_was_down_gets_every_letter_once_it_is_up(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.bo, talk.dag)
    async with serving() as server:
        port = server.port
    mailer = SmtpMailer("127.0.0.1", port, tls="plain")
    room = post_room(store, mailer, clock)
    for _ in range(3):
        await post_all(room)
        clock.forward(wait_before(3, 0.0))
    assert states(store) == [("invitation", "queued", 3)] * 2
    async with serving() as server:
        room = post_room(store, SmtpMailer("127.0.0.1", server.port, tls="plain"), clock)
        await post_all(room)
        assert sorted(recipient for _, recipient in server.envelopes) == [
            "bo@kommune.example",
            "dag@abroad.example",
        ]
    assert states(store) == [("invitation", "sent", 4)] * 2


async def test_a_busy_server_is_tried_again_after_a_longer_wait_each_time(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag)
    waits = []
    async with serving() as server:
        server.reply_to_data = "451 4.3.0 Try again later"
        room = post_room(store, SmtpMailer("127.0.0.1", server.port, tls="plain"), clock)
        for _ in range(4):
            await post_all(room)
            waits.append(store.read_now(lambda tx: tx.value("select due_at from outbox")) - clock())
            clock.forward(waits[-1])
        server.reply_to_data = ""
        await post_all(room)
        assert len(server.received) == 1
    assert waits == [5, 10, 20, 40]
    assert states(store) == [("invitation", "sent", 5)]


def test_the_wait_doubles_up_to_an_hour_and_is_spread() -> None:
    assert [wait_before(attempt, 0.0) for attempt in (1, 2, 3, 10, 11, 500)] == [5, 10, 20, 2560, 3600, 3600]
    assert wait_before(4, 0.0) < wait_before(4, 0.9) < wait_before(5, 0.0)


async def test_a_server_that_refuses_tls_gets_nothing_and_the_letter_stays(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag)
    async with serving() as server:
        await post_all(post_room(store, SmtpMailer("127.0.0.1", server.port, tls="starttls"), clock))
        assert server.received == [] and server.envelopes == []
    assert states(store) == [("invitation", "queued", 1)]
    assert store.read_now(lambda tx: tx.value("select trouble from outbox")) == "tls-refused"


async def test_one_refused_recipient_is_shown_on_the_talk_and_the_others_get_theirs(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag, talk.ellen, talk.bo)
    async with serving() as server:
        server.reply_to_recipient = {"dag@abroad.example": "550 5.1.1 No such user here"}
        await post_all(post_room(store, SmtpMailer("127.0.0.1", server.port, tls="plain"), clock))
        assert len(server.received) == 2
    delivery = store.read_now(booked.delivery, talk.talk)
    assert (delivery[talk.dag], delivery[talk.ellen], delivery[talk.bo]) == ("refused", "sent", "sent")
    noted = [event["action"] for event in store.read_now(audit.of_talk, talk.talk)]
    assert noted == ["letter:refuse"]


async def test_an_address_that_cannot_be_written_to_is_refused_and_not_tried_for_ever(
    store: SqliteStore, cast: Cast, clock: Clock
) -> None:
    talk = store.write_now(book, cast, dag_email="dag@-")
    invite(store, talk, talk.dag)
    await post_all(post_room(store, Recorder(), clock))
    assert states(store) == [("invitation", "refused", 1)]


async def test_a_new_service_on_the_same_database_posts_what_the_old_one_left(
    store: SqliteStore, clock: Clock, talk: Booked, tmp_path: Path
) -> None:
    invite(store, talk, talk.dag)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    await post_all(post_room(store, FolderMailer(blocked), clock))
    assert states(store) == [("invitation", "queued", 1)]
    await store.close()
    reopened = SqliteStore(store.path)
    try:
        clock.forward(5)
        recorder = Recorder()
        await post_all(post_room(reopened, recorder, clock))
        assert len(recorder.taken) == 1
    finally:
        await reopened.close()


async def test_a_sender_killed_while_sending_leaves_the_letter_to_the_next_under_the_same_message_id(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag)
    sending = asyncio.Event()
    seen: list[str] = []

    async def hangs(message: EmailMessage) -> None:
        seen.append(str(message["Message-ID"]))
        sending.set()
        await asyncio.Event().wait()

    killed = asyncio.create_task(post_room(store, Recorder(hangs), clock).post_due())
    await sending.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)

    recorder = Recorder()
    room = post_room(store, recorder, clock)
    assert await room.post_due() == 0, "the lease still holds"
    clock.forward(LEASE_SECONDS)
    await post_all(room)
    assert [str(mail["Message-ID"]) for mail in recorder.taken] == seen
    assert states(store) == [("invitation", "sent", 2)]


async def test_a_sender_that_comes_too_late_changes_nothing(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    (letter,) = invite(store, talk, talk.dag)
    store.write_now(posting.claim, now=NOW, lease_until=NOW + 1, most=1)
    clock.forward(1)
    store.write_now(posting.claim, now=clock(), lease_until=clock() + 60, most=1)
    assert store.write_now(posting.refuse, letter, 1, "late") is None
    store.write_now(posting.sent, letter, 1, now=clock())
    assert states(store) == [("invitation", "sending", 2)]


async def test_a_request_is_not_skipped_because_a_newer_one_waits(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    for sequence in range(4):
        invite(store, talk, talk.dag, sequence=sequence, stamp=NOW + sequence)
    recorder = Recorder()
    await post_all(post_room(store, recorder, clock))
    assert recorder.sequences() == [0, 1, 2, 3]


async def test_a_participants_letters_keep_their_order_while_the_first_waits(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag, sequence=0)
    failing = True

    async def fails_at_first(message: EmailMessage) -> None:
        if failing and "dag@" in str(message["To"]):
            raise TryLater("busy", "later")

    recorder = Recorder(fails_at_first)
    room = post_room(store, recorder, clock)
    await post_all(room)
    invite(store, talk, talk.dag, sequence=1)
    invite(store, talk, talk.bo, sequence=0)
    await post_all(room)
    assert [str(mail["To"]) for mail in recorder.taken] == ["Bo Madsen <bo@kommune.example>"]
    failing = False
    clock.forward(5)
    await post_all(room)
    assert recorder.sequences() == [0, 0, 1]


async def test_a_letter_for_next_week_does_not_hold_back_todays(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    store.write_now(
        outbox.write_letter,
        "new-link",
        talk=talk.talk,
        participant=talk.dag,
        now=NOW,
        due_at=NOW + 7 * 86400,
    )
    invite(store, talk, talk.dag)
    recorder = Recorder()
    await post_all(post_room(store, recorder, clock))
    assert len(recorder.taken) == 1
    assert states(store) == [("new-link", "queued", 0), ("invitation", "sent", 1)]


async def test_a_stopped_talk_is_never_mailed_again(store: SqliteStore, clock: Clock, talk: Booked) -> None:
    invite(store, talk, talk.dag, talk.ellen)
    store.write_now(booked.set_talk, talk.talk, stopped_at=NOW)
    recorder = Recorder()
    await post_all(post_room(store, recorder, clock))
    assert recorder.taken == []
    assert states(store) == [("invitation", "dropped", 0)] * 2


async def test_a_talk_stopped_between_taking_a_letter_out_and_sending_it_is_not_mailed(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag)
    recorder = Recorder()
    room = post_room(store, recorder, clock)
    gather = room._letters.gather

    def stopped_just_before(tx: Tx, *args: Any, **named: Any) -> Any:
        booked.set_talk(tx, talk.talk, stopped_at=NOW)
        return gather(tx, *args, **named)

    room._letters.gather = stopped_just_before  # type: ignore[method-assign]
    await room.post_due()
    assert recorder.taken == []
    assert states(store) == [("invitation", "dropped", 1)]


async def test_letters_dropped_by_a_story_stay_dropped_though_one_was_on_its_way(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag, talk.ellen)

    async def drops_all(message: EmailMessage) -> None:
        await store.write(outbox.drop_of_talk, talk.talk)
        raise TryLater("busy", "later")

    room = post_room(store, Recorder(drops_all), clock)
    await post_all(room)
    clock.forward(3600)
    await post_all(room)
    assert states(store) == [("invitation", "dropped", 1)] * 2
    assert set(store.read_now(booked.delivery, talk.talk).values()) == {"none"}


async def test_after_a_week_of_trying_the_ward_is_told(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag)

    async def never(message: EmailMessage) -> None:
        raise TryLater("unreachable", "down")

    room = post_room(store, Recorder(never), clock)
    clock.forward(GIVE_UP_AFTER - 1)
    await post_all(room)
    assert states(store) == [("invitation", "queued", 1)]
    clock.forward(3600)
    await post_all(room)
    assert states(store) == [("invitation", "refused", 2)]
    assert store.read_now(booked.delivery, talk.talk)[talk.dag] == "refused"


async def test_a_letter_written_by_another_process_is_posted(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    taken = asyncio.Event()

    async def notes(message: EmailMessage) -> None:
        taken.set()

    room = post_room(store, Recorder(notes), clock)
    running = asyncio.create_task(room.run())
    other = SqliteStore(store.path)
    try:
        invite(other, talk, talk.dag)
        await asyncio.wait_for(taken.wait(), 30)
    finally:
        other.close_now()
        room.stop()
        await running
    assert states(store) == [("invitation", "sent", 1)]


async def test_stopping_finishes_the_letter_that_is_on_its_way(
    store: SqliteStore, clock: Clock, talk: Booked
) -> None:
    invite(store, talk, talk.dag)
    room: PostRoom

    async def stops(message: EmailMessage) -> None:
        room.stop()

    recorder = Recorder(stops)
    room = post_room(store, recorder, clock)
    await room.run()
    assert len(recorder.taken) == 1
    assert states(store) == [("invitation", "sent", 1)]


async def test_neither_names_nor_tokens_reach_the_log(
    store: SqliteStore, clock: Clock, talk: Booked, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    invite(store, talk, talk.dag, talk.ellen)
    mails: list[EmailMessage] = []

    async def keeps_and_fails(message: EmailMessage) -> None:
        mails.append(message)
        if "ellen" in str(message["To"]):
            raise RuntimeError("a mistake of ours")
        raise TryLater("busy", "later")

    await post_all(post_room(store, Recorder(keeps_and_fails), clock))
    tokens = {token for mail in mails for token in re.findall(r"/j/([a-z2-7]{53})", calendar_of(mail))}
    assert len(tokens) == 2 and "could not be made" in caplog.text and "waits" in caplog.text
    for secret in (*tokens, "dag@abroad.example", "ellen@home.example", booked.PATIENT_NAME):
        assert secret not in caplog.text
    assert states(store) == [("invitation", "queued", 1)] * 2


def test_the_oldest_waiting_letter_has_an_age(store: SqliteStore, clock: Clock, talk: Booked) -> None:
    assert store.read_now(posting.oldest_waiting, now=NOW) is None
    invite(store, talk, talk.dag)
    assert store.read_now(posting.oldest_waiting, now=NOW + 90) == 90
