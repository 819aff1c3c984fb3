"""What stories write to talks. Everything here is guarded by `version`, or is the story's own step under the lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handover.domain.talks import Talk
from handover.store.engine import Tx
from handover.store.scoping import in_list


def add(tx: Tx, talk: Talk, *, booked_by: str, now: int) -> None:
    """A new talk with its themes; participants are added by handover.store.participants."""
    tx.run(
        """
        insert into talks (id, uid, pathway, hospital, ward, municipality, team, nurse, starts_at, ends_at, zone,
            state, language, interpreter, interpreter_state, place, discharge_on, minor_children, intended_form,
            override_reason, sequence, stamp, version, booked_by, created_at, updated_at)
        values (:id, :uid, :pathway, :hospital, :ward, :municipality, :team, :nurse, :starts_at, :ends_at, :zone,
            :state, :language, :interpreter, :interpreter_state, :place, :discharge_on, :minor_children,
            :intended_form, :override_reason, :sequence, :stamp, :version, :booked_by, :now, :now)
        """,
        **vars(talk),
        booked_by=booked_by,
        now=now,
    )
    _add_themes(tx, talk.id, talk.themes)


def update(tx: Tx, talk: Talk, *, version: int, now: int) -> int | None:
    """Write the talk's own facts (not its people and themes) if nobody has edited it since `version`; returns the new
    version, or None when somebody has."""
    found: int | None = tx.value(
        """
        update talks set nurse = :nurse, starts_at = :starts_at, ends_at = :ends_at, state = :state,
            language = :language, interpreter = :interpreter, interpreter_state = :interpreter_state,
            interpreter_reference = :interpreter_reference, place = :place, discharge_on = :discharge_on,
            minor_children = :minor_children, intended_form = :intended_form, override_reason = :override_reason,
            sequence = :sequence, stamp = :stamp, version = version + 1, updated_at = :now
        where id = :id and version = :expected returning version
        """,
        **vars(talk),
        expected=version,
        now=now,
    )
    return found


def replace_themes(tx: Tx, talk: str, themes: Sequence[str]) -> None:
    """The needs ticked beforehand, whole."""
    tx.run("delete from talk_themes where talk = :talk", talk=talk)
    _add_themes(tx, talk, themes)


def hand_to(tx: Tx, talk: Talk, *, before: str | None, now: int) -> bool:
    """Write who comes, and what follows from it, if the nurse still is `before`. An answer is no edit: the version
    stays."""
    return bool(
        tx.run(
            """
            update talks set nurse = :nurse, state = :state, starts_at = :starts_at, ends_at = :ends_at,
                override_reason = :override_reason, sequence = :sequence, stamp = :stamp, updated_at = :now
            where id = :id and nurse is not distinct from cast(:before as text)
            """,
            **vars(talk),
            before=before,
            now=now,
        )
    )


def cancel(tx: Tx, talk: Talk, reason: str, *, now: int) -> None:
    """Mark a talk as cancelled with its last sequence and stamp."""
    tx.run(
        """
        update talks set state = 'cancelled', cancel_reason = :reason, sequence = :sequence, stamp = :stamp,
            version = version + 1, updated_at = :now
        where id = :id
        """,
        id=talk.id,
        reason=reason,
        sequence=talk.sequence,
        stamp=talk.stamp,
        now=now,
    )


def stop(tx: Tx, talks: Sequence[str], because: str, *, now: int) -> None:
    """Stop talks without a word: what was to come is cancelled, what was held stays held."""
    tx.run_many(
        """
        update talks set stopped_at = :now, stopped_because = :because,
            state = case when state in ('asked', 'booked', 'confirmed') then 'cancelled' else state end,
            version = version + 1, updated_at = :now
        where id = :talk
        """,
        [{"talk": talk, "because": because, "now": now} for talk in talks],
    )


def forget_stop(tx: Tx, patient: str, because: str) -> None:
    """The stop was a mistake: take the reason off the patient's talks. They stay cancelled."""
    tx.run(
        """
        update talks set stopped_at = null, stopped_because = null, version = version + 1
        where stopped_because = :because and pathway in (select id from pathways where patient = :patient)
        """,
        patient=patient,
        because=because,
    )


def let_municipality_go(tx: Tx, talk: Talk, *, now: int) -> None:
    """The consent is withdrawn: the team no longer sees the talk."""
    tx.run(
        """
        update talks set nurse = :nurse, state = :state, override_reason = :override_reason,
            sequence = :sequence, stamp = :stamp, municipality_left_at = :now, version = version + 1, updated_at = :now
        where id = :id
        """,
        id=talk.id,
        nurse=talk.nurse,
        override_reason=talk.override_reason,
        state=talk.state,
        sequence=talk.sequence,
        stamp=talk.stamp,
        now=now,
    )


def let_municipality_back(tx: Tx, talk: str, *, now: int) -> None:
    """The patient has said yes again."""
    tx.run(
        """
        update talks set municipality_left_at = null, version = version + 1, updated_at = :now where id = :talk
        """,
        talk=talk,
        now=now,
    )


def unknown_words(tx: Tx, programme: str | None, themes: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether the programme is in use (None is not asked), and which themes are not known."""
    names, params = in_list("theme", list(themes))
    known: set[tuple[Any, ...]] = set(
        tx.tuples(
            f"""
            select 'programme', id from programmes where id = :programme and retired_at is null
            union all
            select 'theme', id from themes where id in {names}
            """,
            programme=programme,
            **params,
        )
    )
    return (
        programme is None or ("programme", programme) in known,
        [theme for theme in themes if ("theme", theme) not in known],
    )


def _add_themes(tx: Tx, talk: str, themes: Sequence[str]) -> None:
    tx.run_many(
        "insert into talk_themes (talk, theme) values (:talk, :theme)",
        [{"talk": talk, "theme": theme} for theme in dict.fromkeys(themes)],
    )
