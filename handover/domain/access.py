"""Who asks, and so what they may see and do. Every query and every story takes one `Scope`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from handover.errors import N_, NotAllowed

Kind = Literal["staff", "guest", "program", "operator", "system"]
Role = Literal["ward", "nurse", "coordinator", "association", "administrator"]

ROLES: tuple[Role, ...] = ("ward", "nurse", "coordinator", "association", "administrator")

# What each role may do, in one place. Units (below) say for which talks.
RIGHTS: dict[Role, frozenset[str]] = {
    "ward": frozenset(
        {"talks:read", "talks:write", "room", "outcomes:read", "outcomes:write", "offers:read", "figures"}
    ),
    "nurse": frozenset(
        {"talks:read", "talks:write", "room", "outcomes:read", "outcomes:write", "offers:read", "figures"}
    ),
    "coordinator": frozenset({"states:read", "offers:read", "offers:write", "figures"}),
    "association": frozenset({"offers:read"}),
    "administrator": frozenset({"accounts", "offers:read", "offers:write"}),
}


# Which roles make sense where.
ROLES_IN: dict[str, tuple[Role, ...]] = {
    "hospital": ("ward", "coordinator", "administrator"),
    "municipality": ("nurse", "coordinator", "administrator"),
    "association": ("association", "administrator"),
    "region": ("coordinator", "administrator"),
    "collaboration": ("coordinator", "administrator"),
}

# What a program of an organisation may be given.
API_SCOPES = (
    "talks:read",
    "talks:write",
    "outcomes:read",
    "outcomes:write",
    "offers:read",
    "offers:write",
    "follow-ups:read",
    "follow-ups:write",
    "evaluation:read",
    "metrics:read",
)


@dataclass(frozen=True)
class Scope:
    """Somebody or something that acts.

    `actor` is an account's, participant's or token's id. `units` are the wards and teams whose talks they work with;
    a program has all units of its organisation. `rights` are API scopes for a program, RIGHTS of the role for staff.
    """

    kind: Kind
    actor: str
    name: str
    organisation: str | None = None
    role: Role | None = None
    units: frozenset[str] = frozenset()
    rights: frozenset[str] = field(default_factory=frozenset)
    language: str = "en"
    zone: str = "Europe/Copenhagen"
    organisation_name: str = ""
    organisation_kind: str = ""

    def may(self, right: str) -> bool:
        """Whether this right is theirs at all; for which talks, `units` says."""
        return right in self.rights

    def require(self, right: str) -> None:
        """Raise `NotAllowed` unless `may(right)`."""
        if not self.may(right):
            raise NotAllowed(
                "not-allowed", N_("Your account may not do this. Ask your administrator if it should.")
            )

    def administers(self, organisation: str) -> bool:
        """Whether they set up this organisation: its own administrator, or whoever runs the server."""
        return self.may("accounts") and (self.kind != "staff" or self.organisation == organisation)


SYSTEM = Scope("system", "system", "Handover")
OPERATOR = Scope("operator", "operator", "operator", rights=frozenset({"accounts", "offers:write"}))
