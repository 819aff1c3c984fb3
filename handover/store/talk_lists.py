"""Talks a page at a time, a line each: one statement whatever is on the page."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain.access import Scope
from handover.domain.talks import State
from handover.store.engine import Tx
from handover.store.scoping import in_list, talks_of


@dataclass(frozen=True)
class TalkLine:
    """A talk as a list shows it. `reference` is the hospital's own number, for nobody else's eyes."""

    id: str
    starts_at: int
    ends_at: int
    zone: str
    state: State
    initials: str
    reference: str
    hospital: str
    ward_name: str
    municipality_name: str
    nurse_name: str
    place: str
    minor_children: str
    interpreter: str | None
    interpreter_state: str | None
    undelivered: int
    lacks_nurse: bool


def page(
    tx: Tx,
    scope: Scope,
    *,
    now: int,
    past: bool,
    state: State | None,
    after: tuple[int, str] | None,
    limit: int,
) -> list[TalkLine]:
    """Their talks that are not over yet, soonest first, or those that are, latest first; `after` is (starts_at, id) of
    the last line already seen."""
    condition, params = talks_of(scope)
    side, order = ("t.ends_at <= :now", "desc") if past else ("t.ends_at > :now", "asc")
    beyond = ""
    if after is not None:
        sign = "<" if past else ">"
        beyond = f" and (t.starts_at {sign} :after_start or (t.starts_at = :after_start and t.id {sign} :after_id))"
        params |= {"after_start": after[0], "after_id": after[1]}
    if state is not None:
        beyond += " and t.state = :state"
        params["state"] = state
    rows = tx.tuples(
        f"""
        select t.id, t.starts_at, t.ends_at, t.zone, t.state, p.initials, p.reference, t.hospital,
            coalesce(w.name, ''), m.name, coalesce(n.name, ''), t.place, t.minor_children, t.interpreter,
            t.interpreter_state,
            (select count(*) from participants a
                where a.talk = t.id and a.removed_at is null and a.delivery = 'refused'),
            case when t.nurse is null and t.municipality_left_at is null
                and t.state in ('asked', 'booked', 'confirmed') then 1 else 0 end
        from talks t
        join pathways y on y.id = t.pathway
        join patients p on p.id = y.patient
        join municipalities m on m.code = t.municipality
        left join units w on w.id = t.ward
        left join accounts n on n.id = t.nurse
        where {side} and {condition}{beyond}
        order by t.starts_at {order}, t.id {order} limit :limit
        """,
        now=now,
        limit=limit,
        **params,
    )
    return [TalkLine(*(*row[:-1], bool(row[-1]))) for row in rows]


def last_programme(tx: Tx, units: list[str]) -> str | None:
    """The programme of the talk that these wards or teams booked last: most wards have only one."""
    names, params = in_list("unit", units)
    found = tx.value(
        f"""
        select p.programme from talks t join pathways p on p.id = t.pathway
        where t.ward in {names} or t.team in {names} order by t.created_at desc, t.id desc limit 1
        """,
        **params,
    )
    return None if found is None else str(found)
