"""The post room's side of the outbox: which letters are due, whose try it is to send one, and what became of it.

A try that is overtaken (its lease ran out, or a story dropped the letter) finds nothing and changes nothing.
"""

from __future__ import annotations

from typing import Any

from handover.store.engine import Row, Tx
from handover.store.outbox import LINK_IN
from handover.store.scoping import in_list


def is_due(tx: Tx, *, now: int) -> bool:
    """Whether there is something to post, or a lease to take back from a sender that died."""
    return bool(
        tx.value(
            """
            select exists (select 1 from outbox where state = 'queued' and due_at <= :now)
                or exists (select 1 from outbox where state = 'sending' and lease_until <= :now)
            """,
            now=now,
        )
    )


def claim(tx: Tx, *, now: int, lease_until: int, most: int) -> list[tuple[str, int]]:
    """Take up to `most` letters to send, each the oldest of its participant; returns ids and the number of this try.

    Letters of stopped talks are dropped here, and leases that ran out are taken back.
    """
    tx.run(
        """
        update outbox set state = 'queued', lease_until = null
        where state = 'sending' and lease_until <= :now
        """,
        now=now,
    )
    tx.run(
        """
        update outbox set state = 'dropped'
        where state = 'queued' and talk in (select id from talks where stopped_at is not null)
        """
    )
    # A letter that waits for its next try holds the participant's later ones back; one for next week does not.
    ids = tx.tuples(
        """
        select o.id from outbox o
        where o.state = 'queued' and o.due_at <= :now and not exists (
            select 1 from outbox earlier
            where earlier.participant = o.participant and earlier.number < o.number
                and (earlier.state = 'sending'
                    or (earlier.state = 'queued' and (earlier.due_at <= :now or earlier.attempts > 0))))
        order by o.due_at, o.number limit :most
        """,
        now=now,
        most=most,
    )
    if not ids:
        return []
    names, params = in_list("id", [row[0] for row in ids])
    tx.run(
        f"update outbox set state = 'sending', attempts = attempts + 1, lease_until = :lease_until where id in {names}",
        lease_until=lease_until,
        **params,
    )
    _give_links(tx, names, params, now)
    return [
        (row[0], row[1])
        for row in tx.tuples(f"select id, attempts from outbox where id in {names} order by number", **params)
    ]


def _give_links(tx: Tx, names: str, params: dict[str, Any], now: int) -> None:
    """Guests' letters carry a link; a story that wrote one without making the link gets it made now."""
    wanting = tx.tuples(
        f"""
        select o.letter, o.talk, o.participant from outbox o join participants p on p.id = o.participant
        where o.id in {names} and p.account is null
        """,
        **params,
    )
    tx.run_many(
        """
        insert into links (id, purpose, talk, participant, created_at)
        values (:id, :purpose, :talk, :participant, :now)
        on conflict (participant, purpose) do nothing
        """,
        [
            {
                "id": tx.new_id(),
                "purpose": LINK_IN[letter],
                "talk": talk,
                "participant": participant,
                "now": now,
            }
            for letter, talk, participant in wanting
            if letter in LINK_IN
        ],
    )


def being_sent(tx: Tx, letter_id: str, attempt: int) -> Row | None:
    """The letter with its addressee, while it is still this try that sends it; None once it was dropped or retaken."""
    return tx.one(
        """
        select o.id, o.letter, o.facts, o.talk, o.participant, o.created_at,
            coalesce(a.email, p.email) as email, coalesce(a.phone, p.phone) as phone,
            coalesce(a.language, p.language) as language,
            coalesce(a.name, '') as staff_name, coalesce(p.role, a.role) as role, p.response, p.removed_at,
            a.id as account, coalesce(t.zone, g.zone, 'Europe/Copenhagen') as zone
        from outbox o
        left join participants p on p.id = o.participant
        left join accounts a on a.id = coalesce(p.account, o.account)
        left join organisations g on g.id = a.organisation
        left join talks t on t.id = o.talk
        where o.id = :id and o.state = 'sending' and o.attempts = :attempt and t.stopped_at is null
        """,
        id=letter_id,
        attempt=attempt,
    )


def sent(tx: Tx, letter_id: str, attempt: int, *, now: int) -> None:
    """Note that the letter was handed over; noting it twice changes nothing."""
    if _finish(tx, letter_id, attempt, "sent", None, now):
        tx.run(
            """
            update participants set delivery = 'sent'
            where id = (select participant from outbox where id = :id) and not exists (
                select 1 from outbox o where o.participant = participants.id and o.state in ('queued', 'sending'))
            """,
            id=letter_id,
        )


def refuse(tx: Tx, letter_id: str, attempt: int, trouble: str) -> Row | None:
    """Note that the letter cannot be delivered; returns its talk and participant the first time, None after that."""
    if not _finish(tx, letter_id, attempt, "refused", trouble, None):
        return None
    tx.run(
        "update participants set delivery = 'refused' where id = (select participant from outbox where id = :id)",
        id=letter_id,
    )
    return tx.one("select letter, talk, participant from outbox where id = :id", id=letter_id)


def wait(tx: Tx, letter_id: str, attempt: int, trouble: str, *, due_at: int) -> None:
    """Put the letter back until `due_at`."""
    tx.run(
        """
        update outbox set state = 'queued', lease_until = null, trouble = :trouble, due_at = :due_at
        where id = :id and state = 'sending' and attempts = :attempt
        """,
        id=letter_id,
        attempt=attempt,
        trouble=trouble,
        due_at=due_at,
    )


def drop(tx: Tx, letter_id: str, attempt: int) -> None:
    """This letter must not, or cannot, go out."""
    _finish(tx, letter_id, attempt, "dropped", None, None)


def written_at(tx: Tx, letter_id: str) -> int | None:
    """When the letter was written."""
    at = tx.value("select created_at from outbox where id = :id", id=letter_id)
    return None if at is None else int(at)


def oldest_waiting(tx: Tx, *, now: int) -> int | None:
    """For how many seconds the oldest letter that should have gone has waited; None when nothing waits."""
    since = tx.value(
        """
        select min(created_at) from outbox
        where state in ('queued', 'sending') and (due_at <= :now or attempts > 0)
        """,
        now=now,
    )
    return None if since is None else max(0, now - int(since))


def _finish(tx: Tx, letter_id: str, attempt: int, state: str, trouble: str | None, now: int | None) -> int:
    return tx.run(
        """
        update outbox set state = :state, lease_until = null, trouble = :trouble, sent_at = :now
        where id = :id and state = 'sending' and attempts = :attempt
        """,
        id=letter_id,
        attempt=attempt,
        state=state,
        trouble=trouble,
        now=now,
    )
