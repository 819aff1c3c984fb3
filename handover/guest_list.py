"""Match the people somebody wants on a talk to those who are on it: who stays, comes, goes, or has other facts now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handover.domain.bookings import Guest, Keep, guest_faults
from handover.domain.talks import Participant, Talk
from handover.entering import guest_participant, ward_participants
from handover.errors import N_, FieldError, refuse
from handover.store.engine import Tx


@dataclass(frozen=True)
class GuestList:
    """What happens to the people of a talk."""

    stay: tuple[Participant, ...]
    new: tuple[Participant, ...] = ()
    gone: tuple[Participant, ...] = ()
    edited: tuple[Participant, ...] = ()
    readdressed: tuple[Participant, ...] = ()
    written_to: tuple[Participant, ...] = ()

    @property
    def matter(self) -> bool:
        """Whether somebody's invitation changes."""
        return bool(self.new or self.gone or self.written_to)


def matched(tx: Tx, talk: Talk, wanted: tuple[Guest, ...] | Keep) -> GuestList:
    """Match the wanted list to the people there are, by id. The nurse and the patient are never dropped by a list, nor
    is the ward by a list without any of its people: forgetting them must not take the talk out of their calendars."""
    if isinstance(wanted, Keep):
        return GuestList(talk.participants)
    known = {person.id: person for person in talk.participants}
    # The talk's own nurse may be listed; another is chosen as its nurse, not invited.
    lines = [line for line in enumerate(wanted) if line[1].role != "nurse" or line[1].id not in known]
    listed = [guest for _, guest in lines]
    refuse([*guest_faults(lines), *_unknown(lines, known)])
    patient = next((person for person in talk.participants if person.role == "patient"), None)
    refuse(
        FieldError(f"participants.{number}.name", "duplicate", N_("This person is on the list already."))
        for number, guest in lines
        if guest.role == "patient" and patient is not None and guest.id != patient.id
    )
    kept = {guest.id for guest in listed if guest.id}
    kept |= {person.id for person in talk.participants if person.role in ("nurse", "patient")}
    if not any(guest.role == "ward" for guest in listed):
        kept |= {person.id for person in talk.participants if person.role == "ward"}
    edited, readdressed, written_to = [], [], []
    for guest in listed:
        before = known.get(guest.id or "")
        if before is None or not before.guest:
            continue
        after = guest_participant(tx, guest, talk.language, patient, before)
        if after == before:
            continue
        edited.append(after)
        if after.email != before.email:
            readdressed.append(after)
        if (after.email, after.language, after.name) != (before.email, before.language, before.name):
            written_to.append(after)
    changed = {person.id: person for person in edited}
    new = [
        *ward_participants(tx, talk.ward, tuple(guest for guest in listed if guest.id is None)),
        *(
            guest_participant(tx, guest, talk.language, patient)
            for guest in listed
            if guest.id is None and guest.role != "ward"
        ),
    ]
    return GuestList(
        tuple(changed.get(person.id, person) for person in talk.participants if person.id in kept),
        tuple(new),
        tuple(person for person in talk.participants if person.id not in kept),
        tuple(edited),
        tuple(readdressed),
        tuple(written_to),
    )


def _unknown(lines: list[tuple[int, Guest]], known: Mapping[str, Participant]) -> Iterator[FieldError]:
    """Lines whose id is nobody's, or that would make staff of a guest."""
    for number, guest in lines:
        if guest.id is not None and guest.id not in known:
            message = N_("This person is no longer on the list.")
            yield FieldError(f"participants.{number}.id", "unknown", message)
        elif guest.id is not None and guest.role == "ward" and known[guest.id].role != "ward":
            yield FieldError(f"participants.{number}.role", "unknown", N_("Choose who this is."))
