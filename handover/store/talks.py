"""Talks with their participants and themes: read whole, in three statements however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handover.domain.access import Scope
from handover.domain.talks import Participant, State, Talk
from handover.errors import NotFound
from handover.store.engine import Tx
from handover.store.scoping import in_list, talks_of

# In the order of the fields of Talk, with `themes` and `participants` left out.
_TALKS = """
    select t.id, t.uid, t.state, t.starts_at, t.ends_at, t.zone, t.language, t.version, t.sequence, t.stamp,
        t.hospital, h.name, t.ward, coalesce(w.name, ''), coalesce(nullif(w.phone, ''), h.phone),
        t.municipality, m.name, t.team, u.name, u.phone, t.nurse, coalesce(n.name, ''),
        p.programme, p.patient, t.pathway, t.place, t.interpreter, t.interpreter_state, t.interpreter_reference,
        t.discharge_on, t.minor_children, t.intended_form,
        t.override_reason, t.cancel_reason, t.stopped_at, t.stopped_because, t.municipality_left_at
    from talks t
    join organisations h on h.id = t.hospital
    join municipalities m on m.code = t.municipality
    join units u on u.id = t.team
    join pathways p on p.id = t.pathway
    left join units w on w.id = t.ward
    left join accounts n on n.id = t.nurse
"""
_BEFORE_THEMES = 32


def get(tx: Tx, scope: Scope, talk: str, right: str = "talks:read") -> Talk:
    """One talk that they may work with; `NotFound` when there is none or it is somebody else's."""
    condition, params = talks_of(scope, right=right)
    found = _read(tx, f"{_TALKS} where t.id = :talk and {condition}", talk=talk, **params)
    if not found:
        raise NotFound()
    return found[0]


def load(tx: Tx, talk: str) -> Talk | None:
    """One talk without asking who wants it: for letters and join links."""
    found = _read(tx, f"{_TALKS} where t.id = :talk", talk=talk)
    return found[0] if found else None


def between(
    tx: Tx,
    scope: Scope,
    start: int,
    end: int,
    states: Sequence[State] | None = None,
    *,
    limit: int = 200,
    after: tuple[int, str] | None = None,
) -> list[Talk]:
    """Their talks that start in [start, end), by start; `after` is (starts_at, id) of the last one already seen."""
    condition, params = talks_of(scope)
    wanted = ""
    if states is not None:
        names, more = in_list("state", list(states))
        wanted = f" and t.state in {names}"
        params |= more
    if after is not None:
        wanted += " and (t.starts_at > :after_start or (t.starts_at = :after_start and t.id > :after_id))"
        params |= {"after_start": after[0], "after_id": after[1]}
    return _read(
        tx,
        f"{_TALKS} where t.starts_at >= :start and t.starts_at < :end and {condition}{wanted}"
        " order by t.starts_at, t.id limit :limit",
        start=start,
        end=end,
        limit=limit,
        **params,
    )


def of_patient(tx: Tx, patient: str) -> list[Talk]:
    """Every talk of a patient in every pathway, by start. Who asks has been let in to one of them."""
    return _read(
        tx,
        f"{_TALKS} where t.pathway in (select id from pathways where patient = :patient) order by t.starts_at, t.id",
        patient=patient,
    )


def _read(tx: Tx, sql: str, **params: Any) -> list[Talk]:
    rows = tx.tuples(sql, **params)
    if not rows:
        return []
    names, ids = in_list("talk", [row[0] for row in rows])
    themes: dict[str, list[str]] = {}
    for talk, theme in tx.tuples(
        f"select talk, theme from talk_themes where talk in {names} order by talk, theme", **ids
    ):
        themes.setdefault(talk, []).append(theme)
    people: dict[str, list[Participant]] = {}
    for row in tx.tuples(
        f"""
        select talk, id, role, name, language, account, email, phone, relation, speaks_for, response, delivery,
            may_look_back
        from participants where talk in {names} and removed_at is null order by talk, position, id
        """,
        **ids,
    ):
        people.setdefault(row[0], []).append(Participant(*(*row[1:-1], row[-1] is not None)))
    return [
        Talk(
            *(
                *row[:_BEFORE_THEMES],
                tuple(themes.get(row[0], ())),
                tuple(people.get(row[0], ())),
                *row[_BEFORE_THEMES:],
            )
        )
        for row in rows
    ]
