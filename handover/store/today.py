"""What a start page asks the database: who the talks are about, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from handover.domain.access import Scope
from handover.store.engine import Row, Tx
from handover.store.scoping import in_list, talks_counted_for, talks_of

Why = Literal["no-nurse", "not-delivered", "no-outcome"]


@dataclass(frozen=True)
class Need:
    """A talk that waits for somebody, and for what."""

    talk: str
    starts_at: int
    zone: str
    initials: str
    why: Why
    names: str = ""


def initials(tx: Tx, talks: Sequence[str]) -> dict[str, str]:
    """Talk → its patient's initials. Who asks has found the talks by their scope."""
    names, params = in_list("talk", list(talks))
    return dict(
        tx.tuples(
            f"""
            select t.id, p.initials from talks t
            join pathways w on w.id = t.pathway join patients p on p.id = w.patient where t.id in {names}
            """,
            **params,
        )
    )


def recorded(tx: Tx, talks: Sequence[str]) -> frozenset[str]:
    """Those of the talks whose outcome has been saved."""
    names, params = in_list("talk", list(talks))
    return frozenset(
        row[0] for row in tx.tuples(f"select talk from outcomes where talk in {names}", **params)
    )


def needs(tx: Tx, scope: Scope, *, now: int, since: int, until: int) -> list[Need]:
    """What waits for them among their talks that start in [since, until), most urgent first."""
    condition, params = talks_of(scope)
    rows = tx.tuples(
        f"""
        select t.id, t.starts_at, t.zone, p.initials,
            case
                when t.ends_at <= :now then 'no-outcome'
                when t.nurse is null and t.municipality_left_at is null then 'no-nurse'
                else 'not-delivered' end,
            coalesce((
                select min(d.name) from participants d
                where d.talk = t.id and d.removed_at is null and d.delivery = 'refused'), '')
        from talks t
        join pathways w on w.id = t.pathway
        join patients p on p.id = w.patient
        where {condition} and t.starts_at >= :since and t.starts_at < :until and (
            (t.ends_at <= :now and t.state in ('booked', 'confirmed', 'held')
                and not exists (select 1 from outcomes o where o.talk = t.id))
            or (t.ends_at > :now and t.state in ('booked', 'confirmed') and (
                (t.nurse is null and t.municipality_left_at is null)
                or exists (
                    select 1 from participants d
                    where d.talk = t.id and d.removed_at is null and d.delivery = 'refused'))))
        order by case when t.ends_at > :now then 0 else 1 end, t.starts_at, t.id
        """,
        now=now,
        since=since,
        until=until,
        **params,
    )
    return [Need(*row) for row in rows]


def asked_now(tx: Tx, scope: Scope, *, now: int) -> list[Row]:
    """Wards that ask who can join now: id, starts_at, hospital, ward, zone."""
    condition, params = talks_of(scope)
    return tx.all(
        f"""
        select t.id, t.starts_at, t.zone, o.name as hospital_name, coalesce(u.name, '') as ward_name
        from talks t join organisations o on o.id = t.hospital left join units u on u.id = t.ward
        where {condition} and t.state = 'asked' and t.nurse is null and t.ends_at > :now order by t.starts_at, t.id
        """,
        now=now,
        **params,
    )


def states(tx: Tx, scope: Scope, start: int, end: int) -> dict[str, int]:
    """How many talks that start in [start, end) are in each state, for who answers for them."""
    condition, params = talks_counted_for(scope)
    return dict(
        tx.tuples(
            f"""
            select t.state, count(*) from talks t
            where {condition} and t.starts_at >= :start and t.starts_at < :end group by t.state
            """,
            start=start,
            end=end,
            **params,
        )
    )


def own_offers(tx: Tx, organisation: str, languages: Sequence[str]) -> list[Row]:
    """The organisation's offers in the catalogue: id, kind, checked_on, name in the first language there is.

    A provider is theirs when it says so, or has their name: files of offers know names only.
    """
    rows = tx.all(
        """
        select f.id, f.kind, f.checked_on, x.language, x.name
        from organisations o
        join providers p on p.organisation = o.id or p.name = o.name
        join offers f on f.provider = p.id and f.retired_at is null
        join offer_texts x on x.version = f.current_version
        where o.id = :organisation order by f.id
        """,
        organisation=organisation,
    )
    best: dict[str, Row] = {}
    for row in sorted(
        rows, key=lambda row: languages.index(row["language"]) if row["language"] in languages else 99
    ):
        best.setdefault(row["id"], row)
    return sorted(best.values(), key=lambda row: str(row["name"]))
