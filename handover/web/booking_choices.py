"""What can be chosen when a talk is booked: municipalities by name, wards, programmes, themes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from handover.domain.access import Scope
from handover.store import places, programmes, talk_lists
from handover.store.engine import Row, Tx


@dataclass(frozen=True)
class Choices:
    """What the form offers. A name among `municipalities` is known; only those with `teams` can be booked."""

    municipalities: tuple[Row, ...]
    teams: tuple[Row, ...]
    wards: tuple[Row, ...]
    programmes: dict[str, str]
    themes: dict[str, str]
    usual_programme: str | None

    @property
    def bookable(self) -> list[str]:
        """The names that can be booked."""
        codes = {row["municipality"] for row in self.teams}
        return [name for code, name in self.names.items() if code in codes]

    def teams_of(self, code: str) -> list[tuple[str, str]]:
        """Id and name of each team of a municipality."""
        return [(row["id"], row["name"]) for row in self.teams if row["municipality"] == code]

    @property
    def ward_options(self) -> list[tuple[str, str]]:
        """Id and name of each ward."""
        return [(row["id"], row["name"]) for row in self.wards]

    @cached_property
    def names(self) -> dict[str, str]:
        """Code → name, with the region behind it where two have the same."""
        seen: dict[str, int] = {}
        for row in self.municipalities:
            seen[row["name"]] = seen.get(row["name"], 0) + 1
        return {
            row["code"]: f"{row['name']} ({row['region']})" if seen[row["name"]] > 1 else row["name"]
            for row in self.municipalities
        }

    def code_of(self, typed: str) -> str | None:
        """The code by what somebody typed: the name in any case, with or without "kommune", or the code itself."""
        wanted = typed.casefold().removesuffix("kommune").strip()
        for code, name in self.names.items():
            if wanted in (code, name.casefold()):
                return code
        return None


def read_choices(tx: Tx, language: str, today: str, *, by: Scope) -> Choices:
    """What this ward, or this municipality's own team, may choose among today (YYYY-MM-DD)."""
    assert by.organisation is not None
    teams = places.bookable_teams(tx, by.organisation, today)
    wards: list[Row] = []
    if by.organisation_kind == "municipality":
        own = places.organisation(tx, by.organisation) or {}
        code = {"municipality": own.get("municipality")}
        teams += [row | code for row in places.units_of(tx, by.organisation, "team") if row["id"] in by.units]
    else:
        wards = [row for row in places.units_of(tx, by.organisation, "ward") if row["id"] in by.units]
    return Choices(
        tuple(places.municipalities(tx)),
        tuple(teams),
        tuple(wards),
        programmes.programmes(tx, language),
        programmes.themes(tx, language),
        talk_lists.last_programme(tx, sorted(by.units)),
    )
