"""Put a new talk into the books: where it belongs, who comes, whose it is. Booking and asking now share this."""

from __future__ import annotations

from handover.domain.access import Scope
from handover.domain.bookings import Guest, PatientFacts, Wanted, faults_of
from handover.domain.days import local_date
from handover.domain.places import Site
from handover.domain.talks import Participant, ParticipantRole, State, Talk
from handover.domain.timetable import Nurse, Team
from handover.errors import N_, Conflict, FieldError, Invalid, look_again, refuse
from handover.store import consents, participants, patients, places, sites, talk_changes
from handover.store.engine import Row, Tx


def check(tx: Tx, wanted: Wanted) -> None:
    """Raise `Invalid` for what nobody could book: bad fields, unknown words, no consent."""
    faults = [*faults_of(wanted), *word_faults(tx, wanted.programme, wanted.themes)]
    missing = not wanted.municipality_may_know
    refuse([*faults, *consent_missing().fields] if faults and missing else faults)
    if missing:
        raise consent_missing()


def word_faults(tx: Tx, programme: str | None, themes: tuple[str, ...]) -> list[FieldError]:
    """A programme or themes that are not in the lists; a programme of None is not looked at."""
    known, unknown = talk_changes.unknown_words(tx, programme, themes)
    faults = []
    if not known:
        faults.append(FieldError("programme", "unknown", N_("Choose a programme from the list.")))
    if unknown:
        faults.append(FieldError("themes", "unknown", N_("Choose themes from the list.")))
    return faults


def consent_missing() -> Invalid:
    """Nothing goes to a municipality that the patient has not said yes to."""
    message = N_("Ask the patient first whether the municipality may take part, and tick the consent.")
    return Invalid("consent-missing", message, [FieldError("consent", "consent-missing", message)])


def patient_stopped() -> Conflict:
    """Nothing new happens for a patient about whom everything was stopped."""
    message = N_(
        "Everything was stopped for this patient. Check the reference, or undo the stop on the talk."
    )
    return Conflict("patient-stopped", message)


def site_for(tx: Tx, wanted: Wanted, *, by: Scope, now: int) -> Site:
    """The ward that books and the team that comes. A municipality that books its own team hosts the talk: no ward."""
    assert by.organisation is not None
    rows = sites.pairs(
        tx,
        by.organisation,
        wanted.municipality,
        local_date(now, by.zone).isoformat(),
        ward=wanted.ward or None,
        account=by.actor,
    )
    rows = [row for row in rows if _may_book(row["id"], by)]
    if not rows:
        raise _no_team(tx, wanted.municipality)
    rows = [row for row in rows if wanted.team in (None, row["id"])]
    refuse([] if rows else [FieldError("team", "unknown", N_("Choose a team from the list."))])
    hosts = by.organisation_kind == "municipality" and not wanted.ward
    wards = {
        row["ward"]: row for row in rows if row["id"] == rows[0]["id"] and (hosts or row["ward"] in by.units)
    }
    if len(wards) != 1:
        code = "unknown" if wanted.ward else "missing"
        refuse([FieldError("ward", code, N_("Choose a ward from the list."))])
    (row,) = wards.values()
    return Site(
        hospital=by.organisation,
        hospital_name=row["booker_name"],
        zone=row["booker_zone"],
        ward=row["ward"],
        ward_name=row["ward_name"] or "",
        ward_phone=row["ward_phone"],
        municipality=wanted.municipality,
        municipality_name=row["municipality_name"],
        team_name=row["name"],
        team_phone=row["phone"],
        team=_team(row),
        booker=_booker(tx, row) if by.role == "ward" else None,
    )


def teams_for(tx: Tx, municipality: str, *, by: Scope, now: int) -> list[Row]:
    """The municipality's teams they may book; raises `Invalid` for none (`no-agreement`, or an unknown code)."""
    assert by.organisation is not None
    found = sites.teams(tx, by.organisation, municipality, local_date(now, by.zone).isoformat())
    found = [row for row in found if _may_book(row["id"], by)]
    if not found:
        raise _no_team(tx, municipality)
    return found


def team_for(tx: Tx, municipality: str, team: str | None, *, by: Scope, now: int) -> Team:
    """The team they mean: the municipality's first one unless `team` says which."""
    found = teams_for(tx, municipality, by=by, now=now)
    row = next((row for row in found if team in (None, row["id"])), None)
    if row is None:
        wrong = FieldError("team", "unknown", N_("Choose a team from the list."))
        raise look_again(wrong)
    return _team(row)


def _may_book(team: str, by: Scope) -> bool:
    return by.organisation_kind != "municipality" or team in by.units


def _no_team(tx: Tx, municipality: str) -> Invalid:
    if places.municipality(tx, municipality) is None:
        message = N_("There is no municipality with this code.")
        return look_again(FieldError("municipality", "unknown", message))
    message = N_("There is no agreement with this municipality yet. Ring them, or ask your administrator.")
    return Invalid("no-agreement", message, [FieldError("municipality", "no-agreement", message)])


def _team(row: Row) -> Team:
    return Team(row["id"], row["zone"], row["country"], row["notice_minutes"], row["horizon_days"])


def draft(
    tx: Tx, wanted: Wanted, site: Site, nurse: Nurse | None, end: int, state: State, *, now: int
) -> Talk:
    """The talk as it will be written, with its people; finds or makes patient and pathway."""
    patient, pathway = _patient(tx, wanted, site.hospital, now=now)
    return Talk(
        id=tx.new_id(),
        uid=f"{tx.new_id()}@handover",
        state=state,
        starts_at=wanted.start,
        ends_at=end,
        zone=site.zone,
        language=wanted.language,
        version=1,
        sequence=0,
        stamp=now,
        hospital=site.hospital,
        hospital_name=site.hospital_name,
        ward=site.ward,
        ward_name=site.ward_name,
        ward_phone=site.ward_phone,
        municipality=site.municipality,
        municipality_name=site.municipality_name,
        team=site.team.id,
        team_name=site.team_name,
        team_phone=site.team_phone,
        nurse=nurse.id if nurse else None,
        nurse_name=nurse.name if nurse else "",
        programme=wanted.programme,
        patient=patient,
        pathway=pathway,
        place=wanted.place,
        interpreter=wanted.interpreter or None,
        interpreter_state="needed" if wanted.interpreter else None,
        interpreter_reference=None,
        discharge_on=wanted.discharge_on,
        minor_children=wanted.minor_children,
        intended_form=wanted.intended_form,
        themes=tuple(dict.fromkeys(wanted.themes)),
        participants=_people(tx, wanted, site, nurse),
    )


def write(tx: Tx, talk: Talk, wanted: Wanted, *, by: Scope, now: int) -> list[str]:
    """Write the talk, its people and consents; returns the consents' ids. The overlap guard may raise."""
    talk_changes.add(tx, talk, booked_by=by.actor, now=now)
    participants.add(tx, talk.id, talk.participants, now=now)
    return consents.add(tx, talk.id, talk.municipality, wanted.consent, recorded_by=by.actor, now=now)


def nurse_participant(tx: Tx, nurse: Nurse) -> Participant:
    """The municipality's nurse as somebody on a talk."""
    return _staff(tx, "nurse", nurse.id, nurse.name, nurse.language, nurse.email, nurse.phone)


def guest_participant(
    tx: Tx, guest: Guest, language: str, patient: Participant | None, known: Participant | None = None
) -> Participant:
    """Somebody invited; an interpreter speaks for the patient, so that they are never a loose guest."""
    return Participant(
        known.id if known else tx.new_id(),
        guest.role,
        guest.name,
        guest.language or (known.language if known else language),
        None,
        email=guest.email,
        phone=guest.phone,
        relation=guest.relation,
        speaks_for=patient.id if guest.role == "interpreter" and patient else None,
        response=known.response if known else "none",
        delivery=known.delivery if known else _delivery(guest.email),
        may_look_back=known.may_look_back if known else guest.role == "patient",
    )


def ward_participants(tx: Tx, ward: str | None, guests: tuple[Guest, ...]) -> list[Participant]:
    """The ward's colleagues among those wanted, by the e-mail of their accounts."""
    wanted = {number: guest for number, guest in enumerate(guests) if guest.role == "ward"}
    if not wanted:
        return []
    known = sites.colleagues(tx, ward or "", [guest.email.lower() for guest in wanted.values()])
    message = N_("Nobody on the ward has an account with this e-mail.")
    refuse(
        FieldError(f"participants.{number}.email", "unknown", message)
        for number, guest in wanted.items()
        if guest.email.lower() not in known
    )
    rows = [known[guest.email.lower()] for guest in wanted.values()]
    return [
        _staff(tx, "ward", row["id"], row["name"], row["language"], row["email"], row["phone"])
        for row in rows
    ]


def _booker(tx: Tx, ward: Row) -> Participant:
    name, language, email = ward["account_name"], ward["language"], ward["email"]
    return _staff(tx, "ward", ward["account"], name, language, email, ward["account_phone"])


def _staff(
    tx: Tx, role: ParticipantRole, account: str, name: str, language: str, email: str, phone: str
) -> Participant:
    return Participant(
        tx.new_id(), role, name, language, account, email=email, phone=phone, delivery=_delivery(email)
    )


def _delivery(email: str) -> str:
    """New people are invited in the transaction that puts them on a talk."""
    return "queued" if email else "none"


def _people(tx: Tx, wanted: Wanted, site: Site, nurse: Nurse | None) -> tuple[Participant, ...]:
    people = ward_participants(tx, site.ward, wanted.participants)
    booker = site.booker
    if booker is not None and all(person.account != booker.account for person in people):
        people.insert(0, booker)
    elif site.ward is not None and not people:  # booked by a program: the ward itself comes, and gets no mail
        people.append(
            Participant(tx.new_id(), "ward", site.ward_name, wanted.language, None, phone=site.ward_phone)
        )
    if nurse is not None:
        people.append(nurse_participant(tx, nurse))
    guests = [guest for guest in wanted.participants if guest.role != "ward"]
    facts = wanted.patient
    patient_guest = next((guest for guest in guests if guest.role == "patient"), None) or Guest(
        "patient", facts.name or facts.initials, facts.email, facts.phone, language=facts.language
    )
    patient = guest_participant(tx, patient_guest, wanted.language, None)
    people.append(patient)
    people += [
        guest_participant(tx, guest, wanted.language, patient) for guest in guests if guest.role != "patient"
    ]
    return tuple(people)


def _patient(tx: Tx, wanted: Wanted, hospital: str, *, now: int) -> tuple[str, str]:
    facts = wanted.patient
    row = patients.known(tx, hospital, facts.reference.strip(), wanted.programme)
    if row is None:
        patient = patients.add(
            tx,
            hospital=hospital,
            reference=facts.reference.strip(),
            now=now,
            **_facts(facts, None, wanted, now),
        )
        return patient, patients.open_pathway(tx, patient, wanted.programme, now=now)
    if row["died"]:
        raise patient_stopped()
    new = _facts(facts, row, wanted, now)
    if any(row[name] != value for name, value in new.items()):
        patients.update(tx, row["id"], **new)
    return row["id"], row["pathway"] or patients.open_pathway(tx, row["id"], wanted.programme, now=now)


def _facts(facts: PatientFacts, row: Row | None, wanted: Wanted, now: int) -> Row:
    """What is known of the patient now: what was given, else what was known before."""
    old: Row = row or {}
    return {
        "initials": facts.initials.strip() or old.get("initials", ""),
        "name": facts.name or old.get("name", ""),
        "phone": facts.phone or old.get("phone", ""),
        "email": facts.email or old.get("email", ""),
        "language": facts.language or old.get("language") or wanted.language,
        "sex": facts.sex or old.get("sex"),
        "birth_year": facts.birth_year or old.get("birth_year"),
        "national_id": facts.national_id or old.get("national_id"),
        "protected_address": old.get("protected_address") or (now if facts.protected_address else None),
    }
