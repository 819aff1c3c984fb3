"""Where a talk belongs: who books it, on which ward, and which municipality's team comes."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain.talks import Participant
from handover.domain.timetable import Team


@dataclass(frozen=True)
class Site:
    """The two sides of a talk. `hospital` is who books: a municipality that hosts a talk itself stands there too, and
    has no ward. `zone` is where the booking side is."""

    hospital: str
    hospital_name: str
    zone: str
    ward: str | None
    ward_name: str
    ward_phone: str
    municipality: str
    municipality_name: str
    team_name: str
    team_phone: str
    team: Team
    booker: Participant | None = None  # the ward's nurse who books, as one of the people
