"""Participants: added, edited by id, removed by a mark, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence

from handover.domain.talks import Participant, Response
from handover.store.engine import Tx


def add(tx: Tx, talk: str, people: Sequence[Participant], *, now: int, position: int = 0) -> None:
    """Put people on a talk, in their order from `position` on. A patient may look back from the start."""
    tx.run_many(
        """
        insert into participants (id, talk, role, account, name, email, phone, relation, language, speaks_for,
            may_look_back, response, delivery, position)
        values (:id, :talk, :role, :account, :name, :email, :phone, :relation, :language, :speaks_for,
            :may_look_back, 'none', :delivery, :position)
        """,
        [
            {
                **vars(person),
                "talk": talk,
                "may_look_back": now if person.may_look_back else None,
                "position": position + number,
            }
            for number, person in enumerate(people)
        ],
    )


def edit(tx: Tx, people: Sequence[Participant]) -> None:
    """Write down changed names, addresses and roles."""
    tx.run_many(
        """
        update participants set role = :role, name = :name, email = :email, phone = :phone, relation = :relation,
            language = :language, speaks_for = :speaks_for where id = :id
        """,
        [vars(person) for person in people],
    )


def names(tx: Tx, talk: str) -> dict[str, str]:
    """What everybody who was ever on the talk is called, by id: a consent outlives its taking part."""
    return dict(tx.tuples("select id, name from participants where talk = :talk", talk=talk))


def remove(tx: Tx, people: Sequence[Participant], *, now: int) -> None:
    """Take people off a talk; the row stays for the history."""
    tx.run_many(
        "update participants set removed_at = :now where id = :id and removed_at is null",
        [{"id": person.id, "now": now} for person in people],
    )


def forget_responses(tx: Tx, talk: str) -> None:
    """A moved talk is a new question to everybody."""
    tx.run("update participants set response = 'none', responded_at = null where talk = :talk", talk=talk)


def respond(tx: Tx, participant: str, response: Response, *, at: int) -> bool:
    """Note an answer; an older one, or the same again, changes nothing and gives False."""
    return bool(
        tx.run(
            """
            update participants set response = :response, responded_at = :at
            where id = :participant and removed_at is null and response <> :response
                and (responded_at is null or responded_at <= :at)
            """,
            participant=participant,
            response=response,
            at=at,
        )
    )


def next_position(tx: Tx, talk: str) -> int:
    """The place after everybody who was ever on the talk."""
    return int(
        tx.value("select coalesce(max(position), -1) + 1 from participants where talk = :talk", talk=talk)
    )


def declined_nurses(tx: Tx, talk: str) -> frozenset[str]:
    """The accounts of nurses who said no to this talk at its present time."""
    rows = tx.tuples(
        "select account from participants where talk = :talk and role = 'nurse' and response = 'declined'",
        talk=talk,
    )
    return frozenset(row[0] for row in rows)
