"""Outcomes: what was shown, what was decided, who was there, what nobody offers, and drafts of all that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from handover.domain.outcomes import Contact, Decision, Outcome, Unmet
from handover.domain.talks import State
from handover.store import showings
from handover.store.engine import Row, Tx

# A contact person with an account is read from the account each time, so that a new phone number shows at once.
_OUTCOME = """
    select o.version, o.form, o.contact_account, coalesce(a.name, o.contact_name) as contact_name,
        coalesce(a.phone, o.contact_phone) as contact_phone, coalesce(a.hours, o.contact_hours) as contact_hours,
        o.follow_up_on, o.words, o.saved_at, coalesce(s.name, o.saved_by) as saved_by
    from outcomes o
    left join accounts a on a.id = o.contact_account
    left join accounts s on s.id = o.saved_by
    where o.talk = :talk
"""


def load(tx: Tx, talk: str) -> Outcome:
    """The talk's outcome as saved, with what was shown and not decided; version 0 when nobody has saved one."""
    row = tx.one(_OUTCOME, talk=talk)
    decisions = [
        Decision(*one)
        for one in tx.tuples(
            """
            select d.offer, d.for_whom, d.decision, d.reason, d.ask_again, d.words
            from decisions d left join showings s on s.talk = d.talk and s.offer = d.offer
            where d.talk = :talk order by s.position is null, s.position, d.offer, d.for_whom <> 'patient', d.for_whom
            """,
            talk=talk,
        )
    ]
    decided = {one.offer for one in decisions}
    decisions += [Decision(row["offer"]) for row in showings.of_talk(tx, talk) if row["offer"] not in decided]
    if row is None:
        return Outcome(decisions=tuple(decisions))
    return Outcome(
        form=row["form"],
        present=tuple(
            one[0]
            for one in tx.tuples(
                """
                select p.id from outcome_present o join participants p on p.id = o.participant
                where o.talk = :talk order by p.position, p.id
                """,
                talk=talk,
            )
        ),
        decisions=tuple(decisions),
        unmet=tuple(
            Unmet(*one)
            for one in tx.tuples(
                "select theme, words from unmet_needs where talk = :talk order by recorded_at, theme, id",
                talk=talk,
            )
        ),
        contact=Contact(
            row["contact_name"], row["contact_phone"], row["contact_hours"], row["contact_account"]
        ),
        follow_up_on=row["follow_up_on"],
        words=row["words"],
        version=row["version"],
        saved_at=row["saved_at"],
        saved_by=row["saved_by"],
    )


def decided_versions(tx: Tx, talk: str) -> dict[tuple[str, str], str]:
    """(Offer, for whom) → the version of the offer that was decided on."""
    rows = tx.tuples("select offer, for_whom, offer_version from decisions where talk = :talk", talk=talk)
    return {(offer, for_whom): version for offer, for_whom, version in rows}


def save(tx: Tx, talk: str, outcome: Outcome, versions: Mapping[str, str], *, by: str, now: int) -> None:
    """Replace the talk's outcome by this one. `versions` says which version of each offer the decision is about."""
    tx.run(
        """
        insert into outcomes (talk, version, form, contact_account, contact_name, contact_phone, contact_hours,
            follow_up_on, words, saved_at, saved_by)
        values (:talk, :version, :form, :account, :name, :phone, :hours, :follow_up_on, :words, :now, :by)
        on conflict (talk) do update set version = excluded.version, form = excluded.form,
            contact_account = excluded.contact_account, contact_name = excluded.contact_name,
            contact_phone = excluded.contact_phone, contact_hours = excluded.contact_hours,
            follow_up_on = excluded.follow_up_on, words = excluded.words, saved_at = excluded.saved_at,
            saved_by = excluded.saved_by
        """,
        talk=talk,
        version=outcome.version,
        form=outcome.form,
        account=outcome.contact.account,
        name=outcome.contact.name,
        phone=outcome.contact.phone,
        hours=outcome.contact.hours,
        follow_up_on=outcome.follow_up_on,
        words=outcome.words,
        now=now,
        by=by,
    )
    for table in ("outcome_present", "decisions", "unmet_needs"):
        tx.run(f"delete from {table} where talk = :talk", talk=talk)
    tx.run_many(
        "insert into outcome_present (talk, participant) values (:talk, :participant)",
        [{"talk": talk, "participant": participant} for participant in outcome.present],
    )
    tx.run_many(
        """
        insert into decisions (talk, offer, for_whom, offer_version, decision, reason, ask_again, words, decided_at,
            decided_by)
        values (:talk, :offer, :for_whom, :version, :decision, :reason, :ask_again, :words, :now, :by)
        """,
        [
            {
                "talk": talk,
                "offer": one.offer,
                "for_whom": one.for_whom,
                "version": versions[one.offer],
                "decision": one.decision,
                "reason": one.reason,
                "ask_again": one.ask_again,
                "words": one.words,
                "now": now,
                "by": by,
            }
            for one in outcome.decisions
        ],
    )
    tx.run_many(
        """
        insert into unmet_needs (id, talk, theme, words, recorded_at, recorded_by)
        values (:id, :talk, :theme, :words, :now, :by)
        """,
        [
            {"id": tx.new_id(), "talk": talk, "theme": one.theme, "words": one.words, "now": now, "by": by}
            for one in outcome.unmet
        ],
    )


def mark(tx: Tx, talk: str, state: State, because: str | None, *, now: int) -> None:
    """Set whether the talk was held; `because` says why not."""
    tx.run(
        "update talks set state = :state, not_held_because = :because, updated_at = :now where id = :talk",
        state=state,
        because=because,
        now=now,
        talk=talk,
    )


def not_held_because(tx: Tx, talk: str) -> str | None:
    """Why the talk was not held, if somebody said so."""
    because: str | None = tx.value("select not_held_because from talks where id = :talk", talk=talk)
    return because


def keep_draft(
    tx: Tx, talk: str, account: str, body: Mapping[str, Any], base_version: int, *, now: int
) -> None:
    """Keep what somebody has written so far; the next draft takes its place."""
    tx.run(
        """
        insert into drafts (talk, account, body, base_version, saved_at)
        values (:talk, :account, :body, :base_version, :now)
        on conflict (talk, account) do update set body = excluded.body, base_version = excluded.base_version,
            saved_at = excluded.saved_at
        """,
        talk=talk,
        account=account,
        body=json.dumps(body, ensure_ascii=False),
        base_version=base_version,
        now=now,
    )


def draft(tx: Tx, talk: str, account: str) -> Row | None:
    """Somebody's draft: body (read), base_version, saved_at."""
    row = tx.one(
        "select body, base_version, saved_at from drafts where talk = :talk and account = :account",
        talk=talk,
        account=account,
    )
    return None if row is None else {**row, "body": json.loads(row["body"])}


def drop_draft(tx: Tx, talk: str, account: str) -> None:
    """Forget a draft; forgetting none is fine."""
    tx.run("delete from drafts where talk = :talk and account = :account", talk=talk, account=account)
