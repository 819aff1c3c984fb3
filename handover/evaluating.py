"""Show what came of it: the working view of one's own patients, exact and audited."""

from __future__ import annotations

from typing import Any

from handover.domain.access import Scope
from handover.domain.figures import CountedOffer, CountedTalk, Figures, count
from handover.domain.months import Period, month_of
from handover.store import audit
from handover.store import figures as store
from handover.store.engine import Row, Tx

BREAKDOWNS = ("municipality", "ward", "month", "programme", "form")
LONGEST_CASE_LIST = 200


def working_view(
    tx: Tx, period: Period, breakdown: str | None, *, by: Scope, now: int
) -> tuple[Figures, list[Row]]:
    """Exact figures and the list of cases behind them. Looking is an audited act, so this runs as a write."""
    by.require("figures")
    start, end = period.instants(by.zone)
    end = min(end, now)  # a talk that is still to come is neither held nor not held
    talks = [_counted(row) for row in store.talks(tx, by, start, end)]
    offers = [CountedOffer(*row) for row in store.offers(tx, by, start, end)]  # type: ignore[arg-type]
    figures = count(talks, offers, store.unmet_needs(tx, by, start, end), breakdown)
    cases = store.cases(tx, by, start, end, LONGEST_CASE_LIST)
    audit.note(
        tx, by, "figures:read", "organisation", by.organisation or "", at=now,
        first=period.first, last=period.last, breakdown=breakdown or "", cases=len(cases),
    )  # fmt: skip
    return figures, cases


def _counted(row: tuple[Any, ...]) -> CountedTalk:
    talk, patient, state, stopped_at, starts_at, zone, ward, municipality, programme, form = row
    month = month_of(starts_at, zone)
    return CountedTalk(
        talk, patient, state, stopped_at is not None, month, ward, municipality, programme, form
    )
