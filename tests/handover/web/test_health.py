from __future__ import annotations

from handover.store import outbox
from handover.store.sqlite import SqliteStore
from tests.booked import book
from tests.cast import NOW, Cast
from tests.visitor import Clock, Visitor


async def test_a_monitor_reads_that_the_service_is_alive_and_ready(client: Visitor) -> None:
    assert (await client.get("/health/live")).text == "live\n"
    assert (await client.get("/health/ready")).text == "ready\nthe oldest mail has waited 0 s\n"


async def test_a_monitor_reads_for_how_long_mail_has_not_gone_out(
    client: Visitor, store: SqliteStore, cast: Cast, clock: Clock
) -> None:
    talk = store.write_now(book, cast)
    letter = store.write_now(
        outbox.write_letter, "new-link", talk=talk.talk, participant=talk.dag, now=NOW, due_at=NOW + 3600
    )
    assert letter
    store.write_now(lambda tx: tx.run("update outbox set attempts = 3"))
    clock.forward(90)
    assert (await client.get("/health/ready")).text == "ready\nthe oldest mail has waited 90 s\n"
