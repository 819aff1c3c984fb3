"""A smoke call's rows: everything that a talk needs around it, none of it in force, so that no page ever lists it."""

from __future__ import annotations

from collections.abc import Sequence

from handover.domain.smoke_calls import PREFIX
from handover.store.engine import Tx

LONG_AGO = "2000-01-01"  # the house and the team were closed then, so nobody can book them

# Children first. A talk's rows are found by the talk, all others have the call's own id.
_BY_TALK = ("links", "stays", "seats", "admissions", "tablets", "talk_forms", "participants")
_BY_ID = ("talks", "pathways", "patients")


def add(tx: Tx, *, now: int, ends_at: int) -> str | None:
    """A talk of its own house, with a nurse and a guest, that is open from now until `ends_at`; returns its id, or None
    in a database that has not been furnished yet."""
    call = PREFIX + tx.new_id()
    needed = tx.one(
        """
        select m.code, m.country, (select min(id) from programmes) as programme
        from municipalities m order by m.code limit 1
        """
    )
    if needed is None or needed["programme"] is None:
        return None
    tx.run(
        """
        insert into organisations (id, kind, name, country, zone, language, phone, valid_from, valid_to, created_at)
        values (:call, 'municipality', :call, :country, 'UTC', 'en', '', :long_ago, :long_ago, :now)
        """,
        call=call,
        country=needed["country"],
        long_ago=LONG_AGO,
        now=now,
    )
    tx.run(
        """
        insert into units (id, organisation, kind, name, phone, valid_to, created_at)
        values (:call, :call, 'team', :call, '', :long_ago, :now)
        """,
        call=call,
        long_ago=LONG_AGO,
        now=now,
    )
    tx.run(
        """
        insert into accounts (id, organisation, role, name, email, language, created_at)
        values (:call, :call, 'nurse', :call, :call, 'en', :now)
        """,
        call=call,
        now=now,
    )
    tx.run("insert into memberships (account, unit) values (:call, :call)", call=call)
    tx.run(
        """
        insert into patients (id, hospital, reference, initials, name, language, created_at)
        values (:call, :call, :call, '', '', 'en', :now)
        """,
        call=call,
        now=now,
    )
    tx.run(
        """
        insert into pathways (id, patient, programme, opened_at) values (:call, :call, :programme, :now)
        """,
        call=call,
        programme=needed["programme"],
        now=now,
    )
    tx.run(
        """
        insert into talks (id, uid, pathway, hospital, municipality, team, nurse, starts_at, ends_at, zone, state,
            language, minor_children, stamp, booked_by, created_at, updated_at)
        values (:call, :call, :call, :call, :municipality, :call, :call, :now, :ends_at, 'UTC', 'booked',
            'en', 'not-asked', :now, :call, :now, :now)
        """,
        call=call,
        municipality=needed["code"],
        ends_at=ends_at,
        now=now,
    )
    tx.run_many(
        """
        insert into participants (id, talk, role, account, name, language, position)
        values (:id, :call, :role, :account, :role, 'en', :position)
        """,
        [
            {"id": nurse_of(call), "call": call, "role": "nurse", "account": call, "position": 0},
            {"id": guest_of(call), "call": call, "role": "other", "account": None, "position": 1},
        ],
    )
    return call


def nurse_of(call: str) -> str:
    """The participant who lets in; their account has the call's own id."""
    return f"{call}-nurse"


def guest_of(call: str) -> str:
    """The participant who knocks."""
    return f"{call}-guest"


def left_behind(tx: Tx, *, made_before: int) -> list[str]:
    """Calls that somebody should have removed."""
    rows = tx.tuples(
        "select id from organisations where lower(id) like :prefix and created_at < :made_before",
        prefix=f"{PREFIX}%",
        made_before=made_before,
    )
    return [row[0] for row in rows]


def remove(tx: Tx, calls: Sequence[str]) -> None:
    """Take the calls out of the database, with everything that happened in them; what is gone already stays gone."""
    rows = [{"call": call} for call in calls]
    for table in _BY_TALK:
        tx.run_many(f"delete from {table} where talk = :call", rows)
    for table in _BY_ID:
        tx.run_many(f"delete from {table} where id = :call", rows)
    for table in ("sessions", "memberships"):
        tx.run_many(f"delete from {table} where account = :call", rows)
    for table in ("accounts", "units", "organisations"):
        tx.run_many(f"delete from {table} where id = :call", rows)
