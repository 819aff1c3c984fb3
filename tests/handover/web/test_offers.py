"""The public finder."""

from __future__ import annotations

import pytest

from tests.conftest import Serve
from tests.visitor import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("offers")


async def test_anybody_finds_what_there_is_in_their_municipality(client: Visitor) -> None:
    answer = await client.get("/offers?municipality=Lyngby-Taarb%C3%A6k")
    assert answer.status == 200
    assert "/offers/ltk-puls-styrke" in answer.text
    assert "/offers/vsk-livskraft" in answer.text
    assert "/offers/sdb-psykolog" not in answer.text
    by_code = await client.get("/offers?municipality=0173&theme=fatigue&programme=cancer&q=pulse")
    assert "/offers/vsk-livskraft" not in by_code.text


async def test_unknown_municipality_gets_a_sentence_and_no_offers(client: Visitor) -> None:
    answer = await client.get("/offers?municipality=Atlantis")
    assert answer.status == 200
    assert "There is no municipality with this name" in answer.text
    assert "/offers/sdb" not in answer.text


async def test_an_offers_page_tells_all_and_what_may_come_afterwards(client: Visitor) -> None:
    answer = await client.get("/offers/sdb-genoptraening")
    assert answer.status == 200
    for text in (
        "Physical rehabilitation at the health centre",
        "Mondays and Thursdays at 10:00",
        "The hospital refers",
    ):
        assert text in answer.text
    assert "/offers/idraet-motion" in answer.text
    assert (await client.get("/offers/no-such-offer")).status == 404


async def test_offer_in_another_language_is_marked(client: Visitor) -> None:
    answer = await client.get("/offers/no-likeperson?lang=da")
    assert '<h1 lang="nb">' in answer.text


async def test_staff_finds_their_own_municipality_chosen(serve: Serve, app: object) -> None:
    lis = await signed_in(await serve(app), "lis@kommune.example")
    answer = await lis.get("/offers")
    assert "Offers for people in Lyngby-Taarbæk" in answer.text
    assert "/offers/sdb-psykolog" not in answer.text
    assert "/offers/sdb-psykolog" in (await lis.get("/offers?municipality=")).text


async def test_search_words_come_back_as_text(client: Visitor) -> None:
    answer = await client.get("/offers?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in answer.text
    assert "No offer fits all of it" in answer.text
