"""Letters waiting to be posted: written and dropped by the story's own transaction, sent after it has committed.

A row holds a letter's name and frozen facts, never its text, so there is no body to erase afterwards. States:
queued → sending (leased) → sent, or refused; dropped when it must not go out any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from handover.domain.join_links import Purpose
from handover.store.engine import Tx
from handover.store.scoping import in_list

Letter = Literal[
    "invitation", "cancellation", "summary-ready", "new-link", "right-now", "no-nurse", "password"
]

# The link that a letter to a guest carries.
LINK_IN: Mapping[str, Purpose] = {"invitation": "join", "new-link": "join", "summary-ready": "summary"}

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def write_letter(
    tx: Tx,
    letter: Letter,
    *,
    talk: str | None = None,
    participant: str | None = None,
    account: str | None = None,
    facts: Mapping[str, Any] | None = None,
    now: int,
    due_at: int | None = None,
) -> str:
    """Queue a letter to a participant or an account; returns its id. Letters to one participant keep their order."""
    letter_id = tx.new_id()
    tx.run(
        """
        insert into outbox (id, number, talk, participant, account, letter, facts, state, due_at, created_at)
        values (:id, (select coalesce(max(number), 0) + 1 from outbox), :talk, :participant, :account, :letter, :facts,
            'queued', :due_at, :now)
        """,
        id=letter_id,
        talk=talk,
        participant=participant,
        account=account,
        letter=letter,
        facts=_encode(dict(facts or {})),
        due_at=now if due_at is None else due_at,
        now=now,
    )
    if participant is not None:
        tx.run("update participants set delivery = 'queued' where id = :participant", participant=participant)
    return letter_id


def write_letters(
    tx: Tx,
    letter: Letter,
    participants: Sequence[str] = (),
    *,
    talk: str,
    accounts: Sequence[str] = (),
    facts: Mapping[str, Any] | None = None,
    marked: bool = False,
    now: int,
) -> None:
    """The same letter about a talk to several people, each with an envelope of their own. `marked` says that the
    participants' rows have been written as `queued` already."""
    people = [(person, None) for person in participants] + [(None, account) for account in accounts]
    _write_many(tx, letter, [(talk, *person) for person in people], facts or {}, now, marked=marked)


def write_links_again(tx: Tx, people: Sequence[tuple[str, str]], *, now: int) -> None:
    """Their links once more, to guests given as (talk, participant)."""
    _write_many(tx, "new-link", [(talk, participant, None) for talk, participant in people], {}, now)


def _write_many(
    tx: Tx,
    letter: Letter,
    people: Sequence[tuple[str, str | None, str | None]],
    facts: Mapping[str, Any],
    now: int,
    *,
    marked: bool = False,
) -> None:
    body = _encode(dict(facts))
    tx.run_many(
        """
        insert into outbox (id, number, talk, participant, account, letter, facts, state, due_at, created_at)
        values (:id, (select coalesce(max(number), 0) + 1 from outbox), :talk, :participant, :account, :letter, :facts,
            'queued', :now, :now)
        """,
        [
            {
                "id": tx.new_id(),
                "talk": talk,
                "participant": participant,
                "account": account,
                "letter": letter,
                "facts": body,
                "now": now,
            }
            for talk, participant, account in people
        ],
    )
    if marked:
        return
    names, params = in_list("participant", [participant for _, participant, _ in people if participant])
    tx.run(
        f"update participants set delivery = 'queued' where id in {names} and delivery <> 'queued'", **params
    )


def written_since(tx: Tx, letter: Letter, participants: Sequence[str], since: int) -> frozenset[str]:
    """Those of the participants to whom this letter was written at `since` or later, and not taken back or refused."""
    names, params = in_list("participant", list(participants))
    rows = tx.tuples(
        f"""
        select distinct participant from outbox
        where letter = :letter and participant in {names} and created_at >= :since
            and state in ('queued', 'sending', 'sent')
        """,
        letter=letter,
        since=since,
        **params,
    )
    return frozenset(row[0] for row in rows)


def drop_of_participants(tx: Tx, participants: Sequence[str]) -> None:
    """Nothing more goes out to these participants."""
    tx.run_many(
        """
        update outbox set state = 'dropped', lease_until = null
        where participant = :participant and state in ('queued', 'sending')
        """,
        [{"participant": participant} for participant in participants],
    )


def drop_of_talk(tx: Tx, talk: str) -> int:
    """Nothing about this talk goes out any more; returns how many letters were still here."""
    return drop_of_talks(tx, [talk])


def drop_of_talks(tx: Tx, talks: Sequence[str]) -> int:
    """Nothing about these talks goes out any more; returns how many letters were still here."""
    names, params = in_list("talk", list(talks))
    tx.run(
        f"update participants set delivery = 'none' where talk in {names} and delivery = 'queued'", **params
    )
    return tx.run(
        f"""
        update outbox set state = 'dropped', lease_until = null
        where talk in {names} and state in ('queued', 'sending')
        """,
        **params,
    )
