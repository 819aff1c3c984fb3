"""The read side of counting: what happened in a period, for those who answer for it."""

from __future__ import annotations

from handover.domain.access import Scope
from handover.store.engine import Row, Tx
from handover.store.scoping import talks_counted_for, talks_of

# A talk that somebody cancelled was no talk; one that was stopped silently is shown, apart.
_PERIOD = """
    t.starts_at >= :start and t.starts_at < :end and (t.state <> 'cancelled' or t.stopped_at is not null)
"""


def talks(tx: Tx, scope: Scope, start: int, end: int) -> list[tuple[object, ...]]:
    """(talk, patient, state, stopped_at, starts_at, zone, ward name, municipality name, programme, form)."""
    mine, params = talks_counted_for(scope)
    return tx.tuples(
        f"""
        select t.id, p.patient, t.state, t.stopped_at, t.starts_at, t.zone, coalesce(u.name, ''), m.name,
            p.programme, coalesce(o.form, t.intended_form)
        from talks t
        join pathways p on p.id = t.pathway
        join municipalities m on m.code = t.municipality
        left join units u on u.id = t.ward
        left join outcomes o on o.talk = t.id
        where {mine} and {_PERIOD}
        """,
        **params,
        start=start,
        end=end,
    )


def offers(tx: Tx, scope: Scope, start: int, end: int) -> list[tuple[object, ...]]:
    """(talk, kind, for whom, decision, reason): what was decided, and what was shown with nothing decided."""
    mine, params = talks_counted_for(scope)
    return tx.tuples(
        f"""
        select d.talk, f.kind, d.for_whom, d.decision, d.reason
        from decisions d join offers f on f.id = d.offer join talks t on t.id = d.talk
        where {mine} and {_PERIOD}
        union all
        select s.talk, f.kind, 'patient', null, null
        from showings s join offers f on f.id = s.offer join talks t on t.id = s.talk
        where {mine} and {_PERIOD}
            and not exists (select 1 from decisions d where d.talk = s.talk and d.offer = s.offer)
        """,
        **params,
        start=start,
        end=end,
    )


def unmet_needs(tx: Tx, scope: Scope, start: int, end: int) -> dict[str, int]:
    """Theme → patients who needed something that nobody offers."""
    mine, params = talks_counted_for(scope)
    rows = tx.tuples(
        f"""
        select n.theme, count(distinct p.patient)
        from unmet_needs n join talks t on t.id = n.talk join pathways p on p.id = t.pathway
        where {mine} and {_PERIOD} group by n.theme
        """,
        **params,
        start=start,
        end=end,
    )
    return dict(rows)


def cases(tx: Tx, scope: Scope, start: int, end: int, limit: int) -> list[Row]:
    """The talks behind the figures, newest first, for those who work with them: initials, state, yes and no counts."""
    mine, params = talks_of(scope)
    return tx.all(
        f"""
        select t.id, t.starts_at, t.zone, t.state, a.initials, m.name as municipality_name,
            (select count(*) from decisions d where d.talk = t.id) as offered,
            (select count(*) from decisions d where d.talk = t.id and d.decision = 'accepted') as accepted,
            (select count(*) from decisions d where d.talk = t.id and d.decision = 'declined') as declined
        from talks t
        join pathways p on p.id = t.pathway
        join patients a on a.id = p.patient
        join municipalities m on m.code = t.municipality
        where {mine} and {_PERIOD} order by t.starts_at desc, t.id limit :limit
        """,
        **params,
        start=start,
        end=end,
        limit=limit,
    )
