"""Patients and their pathways: one patient per hospital and reference, one open pathway per programme."""

from __future__ import annotations

from handover.domain.patients import Patient
from handover.store.engine import Row, Tx


def get(tx: Tx, patient: str) -> Patient:
    """The patient of a talk, by the id that the talk has. Who asks has been let in to that talk."""
    row = tx.one(
        """
        select id, hospital, reference, initials, name, phone, email, language, sex, birth_year, national_id,
            protected_address, version
        from patients where id = :patient
        """,
        patient=patient,
    )
    assert row is not None
    return Patient(**{**row, "protected_address": row["protected_address"] is not None})


def known(tx: Tx, hospital: str, reference: str, programme: str) -> Row | None:
    """The hospital's patient with this reference: the row, `pathway` (the open one of the programme, or None) and
    `died` (whether everything was stopped because the patient died)."""
    return tx.one(
        """
        select p.*,
            (select max(w.id) from pathways w
                where w.patient = p.id and w.programme = :programme and w.closed_at is null) as pathway,
            (select count(*) from pathways w where w.patient = p.id and w.closed_because = 'died') as died
        from patients p where p.hospital = :hospital and p.reference = :reference
        """,
        hospital=hospital,
        reference=reference,
        programme=programme,
    )


def add(tx: Tx, *, now: int, **facts: object) -> str:
    """A new patient; returns the id."""
    patient = tx.new_id()
    tx.run(
        """
        insert into patients (id, hospital, reference, initials, name, phone, email, language, sex, birth_year,
            national_id, protected_address, created_at)
        values (:id, :hospital, :reference, :initials, :name, :phone, :email, :language, :sex, :birth_year,
            :national_id, :protected_address, :now)
        """,
        id=patient,
        now=now,
        **facts,
    )
    return patient


def update(tx: Tx, patient: str, **facts: object) -> None:
    """Write down what is now known about a patient."""
    tx.run(
        """
        update patients set initials = :initials, name = :name, phone = :phone, email = :email,
            language = :language, sex = :sex, birth_year = :birth_year, national_id = :national_id,
            protected_address = :protected_address, version = version + 1
        where id = :patient
        """,
        patient=patient,
        **facts,
    )


def open_pathway(tx: Tx, patient: str, programme: str, *, now: int) -> str:
    """A new pathway of the patient; returns its id."""
    pathway = tx.new_id()
    tx.run(
        "insert into pathways (id, patient, programme, opened_at) values (:id, :patient, :programme, :now)",
        id=pathway,
        patient=patient,
        programme=programme,
        now=now,
    )
    return pathway


def close_pathways(tx: Tx, patient: str, because: str, *, now: int) -> None:
    """Close every open pathway of a patient."""
    tx.run(
        """
        update pathways set closed_at = :now, closed_because = :because
        where patient = :patient and closed_at is null
        """,
        patient=patient,
        because=because,
        now=now,
    )


def reopen_pathways(tx: Tx, patient: str, because: str) -> int:
    """Open again what was closed for this reason; returns how many."""
    return tx.run(
        """
        update pathways set closed_at = null, closed_because = null
        where patient = :patient and closed_because = :because
        """,
        patient=patient,
        because=because,
    )
