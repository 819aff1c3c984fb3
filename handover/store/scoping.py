"""The one place where a `Scope` becomes a condition in SQL: what somebody may not see does not exist for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handover.domain.access import Scope


def talks_of(scope: Scope, alias: str = "t", right: str = "talks:read") -> tuple[str, dict[str, Any]]:
    """The talks whose content they work with: their wards' and teams'. A condition and its parameters."""
    if scope.kind == "system":
        return "1 = 1", {}
    if not scope.units or not scope.may(right):
        return "1 = 0", {}
    return _in_units(scope, alias)


def talks_counted_for(scope: Scope, alias: str = "t") -> tuple[str, dict[str, Any]]:
    """The talks whose states and figures they answer for."""
    if not scope.units or not (scope.may("figures") or scope.may("states:read")):
        return "1 = 0", {}
    return _in_units(scope, alias)


def _in_units(scope: Scope, alias: str) -> tuple[str, dict[str, Any]]:
    params = {f"unit_{number}": unit for number, unit in enumerate(sorted(scope.units))}
    names = ", ".join(f":{name}" for name in params)
    # Where the patient has withdrawn the consent, the talk does not exist for the municipality.
    team = f"{alias}.team in ({names}) and {alias}.municipality_left_at is null"
    return f"({alias}.ward in ({names}) or ({team}))", params


def in_list(name: str, values: Sequence[str | int]) -> tuple[str, dict[str, Any]]:
    """`(:name_0, :name_1, …)` with its parameters, for `x in …`; never empty."""
    params: dict[str, Any] = {f"{name}_{number}": value for number, value in enumerate(values)}
    params = params or {f"{name}_0": None}
    return "(" + ", ".join(f":{key}" for key in params) + ")", params
