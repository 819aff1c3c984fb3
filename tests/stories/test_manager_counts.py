"""The manager counts: what was recorded today is in the figures, exactly, and looking at them is logged."""

from __future__ import annotations

import re
from html import unescape

from tests.cast import Cast
from tests.stories.conftest import House
from tests.stories.test_nurse_records import recorded
from tests.visitor import Visitor


async def figures(ida: Visitor) -> list[str]:
    """The page's shares as it says them: `1 of 1`, in order."""
    page = await ida.get("/evaluation?from=2026-11&to=2026-12")
    assert page.status == 200
    return re.findall(r"\d+ of \d+", unescape(page.text))


async def test_one_talk_changes_the_figures_by_exactly_one_patient(house: House, cast: Cast) -> None:
    before = await figures(await house.staff("ida@kommune.example"))
    assert before == []
    await recorded(house, cast)
    ida = await house.staff("ida@kommune.example")
    held, offered, accepted, *kinds = await figures(ida)
    assert (held, offered, accepted) == ("1 of 1", "1 of 1", "1 of 1")
    assert sorted(kinds) == ["0 of 1", "1 of 1"]  # psychologist: wants to think; rehabilitation: yes


async def test_another_municipality_counts_only_its_own(house: House, cast: Cast) -> None:
    await recorded(house, cast)
    assert await figures(await house.staff("lis@kommune.example")) == []


async def test_a_coordinator_sees_no_names_and_every_look_is_logged(house: House, cast: Cast) -> None:
    talk = await recorded(house, cast)
    ida = await house.staff("ida@kommune.example")
    page = await ida.get("/evaluation")
    assert [secret for secret in ("Ellen", "EH", "HO-17", talk) if secret in page.text] == []
    looks = "select count(*) from audit where action = 'figures:read' and actor = :ida"
    assert house.store.read_now(lambda tx: tx.value(looks, ida=cast.ida.actor)) == 1
