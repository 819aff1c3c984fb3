"""A talk already in the database, with Ellen the patient and Dag her son, for tests that begin after the booking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handover.domain import join_links
from handover.domain.access import Scope
from handover.store import links, talks
from handover.store.engine import Tx
from tests.cast import NOW, Cast

# What no mail, link page or log may show.
PATIENT_NAME = "Ellen Sørensen"
NATIONAL_ID = "010203-1234"
PLACE = "stue 4, sengebordet"
STARTS_AT = NOW + 2 * 60 * 60
ENDS_AT = STARTS_AT + 30 * 60


@dataclass(frozen=True)
class Booked:
    """Ids of one talk and of those who take part."""

    talk: str
    astrid: str
    bo: str
    ellen: str
    dag: str


def book(
    tx: Tx,
    cast: Cast,
    *,
    starts_at: int = STARTS_AT,
    reference: str = "HO-17",
    zone: str = "Europe/Copenhagen",
    language: str = "da",
    dag_language: str | None = None,
    dag_email: str = "dag@abroad.example",
    protected: bool = False,
    nurse: Scope | None = None,
) -> Booked:
    """Astrid's ward has booked Bo for Ellen's talk; Ellen and Dag come by link. Writes no letters."""
    nurse = nurse or cast.bo
    patient, pathway, talk = tx.new_id(), tx.new_id(), tx.new_id()
    tx.run(
        """
        insert into programmes (id, names, talk_points) values ('cancer', '{}', '{}')
        on conflict (id) do nothing
        """
    )
    tx.run(
        """
        insert into patients (id, hospital, reference, initials, name, phone, email, language, national_id,
            protected_address, created_at)
        values (:id, :hospital, :reference, 'ES', :name, '+45 30 30 30 30', 'ellen@home.example', :language,
            :national_id, :protected, :now)
        """,
        id=patient,
        hospital=cast.hospital,
        reference=reference,
        name=PATIENT_NAME,
        language=language,
        national_id=NATIONAL_ID.encode(),
        protected=NOW if protected else None,
        now=NOW,
    )
    tx.run(
        "insert into pathways (id, patient, programme, opened_at) values (:id, :patient, 'cancer', :now)",
        id=pathway,
        patient=patient,
        now=NOW,
    )
    tx.run(
        """
        insert into talks (id, uid, pathway, hospital, ward, municipality, team, nurse, starts_at, ends_at, zone, state,
            language, place, minor_children, stamp, booked_by, created_at, updated_at)
        values (:id, :uid, :pathway, :hospital, :ward, '0540', :team, :nurse, :starts_at, :ends_at, :zone, 'booked',
            :language, :place, 'no', :now, :by, :now, :now)
        """,
        id=talk,
        uid=f"{talk}@handover.example",
        pathway=pathway,
        hospital=cast.hospital,
        ward=cast.ward,
        team=cast.team,
        nurse=nurse.actor,
        starts_at=starts_at,
        ends_at=starts_at + 30 * 60,
        zone=zone,
        language=language,
        place=PLACE,
        by=cast.astrid.actor,
        now=NOW,
    )

    def participant(role: str, position: int, **facts: Any) -> str:
        row = {"account": None, "email": "", "phone": "", "relation": "", "language": language, **facts}
        row |= {"id": tx.new_id(), "talk": talk, "role": role, "position": position}
        tx.run(
            """
            insert into participants (id, talk, role, account, name, email, phone, relation, language, position)
            values (:id, :talk, :role, :account, :name, :email, :phone, :relation, :language, :position)
            """,
            **row,
        )
        return str(row["id"])

    return Booked(
        talk,
        astrid=participant("ward", 0, name=cast.astrid.name, account=cast.astrid.actor),
        bo=participant("nurse", 1, name=nurse.name, account=nurse.actor),
        ellen=participant("patient", 2, name=PATIENT_NAME, email="ellen@home.example"),
        dag=participant(
            "relative",
            3,
            name="Dag Sørensen",
            email=dag_email,
            phone="+47 90 90 90 90",
            relation="son",
            language=dag_language or language,
        ),
    )


def set_talk(tx: Tx, talk: str, **columns: Any) -> None:
    """Change columns of the talk behind the stories' backs."""
    changes = ", ".join(f"{name} = :{name}" for name in columns)
    tx.run(f"update talks set {changes} where id = :talk", talk=talk, **columns)


def remove_participant(tx: Tx, participant: str) -> None:
    """Take somebody off the talk behind the stories' backs."""
    tx.run("update participants set removed_at = :now where id = :id", now=NOW, id=participant)


def delivery(tx: Tx, talk: str) -> dict[str, str]:
    """How each participant's mail fares, by id."""
    found = talks.load(tx, talk)
    assert found is not None
    return {person.id: person.delivery for person in found.participants}


def join_token(tx: Tx, key: bytes, talk: str, participant: str) -> str:
    """The token of a guest's join link, made when there is none."""
    link = links.ensure(tx, "join", talk, participant, now=NOW)
    return join_links.token(key, "join", link["id"], link["generation"])
