"""`/evaluation` over HTTP: periods and breakdowns that cannot be used are told, the rest is shown all the same."""

from __future__ import annotations

import pytest

from handover.web.evaluation import BREAKDOWNS
from tests.cast import Cast
from tests.visitor import Visitor, signed_in


@pytest.fixture
async def ida(client: Visitor, cast: Cast) -> Visitor:
    return await signed_in(client, "ida@kommune.example")


@pytest.mark.parametrize("query", ["", *(f"?by={one}" for one in BREAKDOWNS), "?from=2026-01&to=2026-12&by="])
async def test_a_period_can_be_looked_at_every_way(ida: Visitor, query: str) -> None:
    assert (await ida.get(f"/evaluation{query}")).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=2026-13",
        "from=2026-12&to=2026-01",
        "from=2001-01&to=2026-12",
        "by=nurse",
        "to=%00",
    ],
)
async def test_what_is_no_period_is_told_and_the_usual_year_shown(ida: Visitor, query: str) -> None:
    answer = await ida.get(f"/evaluation?{query}")
    assert answer.status == 422
    assert "No talks in these months" in answer.text
