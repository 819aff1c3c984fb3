"""The nurse records, the patient takes it home: decisions in, a page on paper and behind a code out."""

from __future__ import annotations

import re

from tests.bookings import TEN
from tests.cast import Cast
from tests.stories.conftest import House, book, link_in, text_of

REHABILITATION, PSYCHOLOGIST = "sdb-genoptraening", "sdb-psykolog"


async def recorded(house: House, cast: Cast) -> str:
    """Bo shows two offers; Ellen says yes to one and wants to think about the other."""
    astrid = await house.staff("astrid@ward.example")
    talk = await book(astrid, TEN, nurse=cast.bo.actor)
    house.clock.now = TEN + 600
    bo = await house.staff("bo@kommune.example")
    for offer in (REHABILITATION, PSYCHOLOGIST):
        shown = await bo.post_json(f"/talks/{talk}/shown", {"offer": offer, "audience": "everyone"})
        assert shown.status == 200, shown.text
    form = [
        ("version", "0"),
        ("form", "video"),
        ("row", f"{REHABILITATION}.patient"),
        (f"decision-{REHABILITATION}.patient", "accepted"),
        ("row", f"{PSYCHOLOGIST}.patient"),
        (f"decision-{PSYCHOLOGIST}.patient", "undecided"),
        (f"ask-{PSYCHOLOGIST}.patient", "2026-12-15"),
        ("contact_account", cast.bo.actor),
        ("follow_up_on", "2026-12-15"),
        ("words", "Uden det havde jeg valgt sofaen"),
    ]
    saved = await bo.post(f"/talks/{talk}/outcome", form)
    assert saved.status == 303, saved.text
    return talk


async def test_the_outcome_is_there_for_the_ward_too(house: House, cast: Cast) -> None:
    talk = await recorded(house, cast)
    astrid = await house.staff("astrid@ward.example")
    text = (await astrid.get(f"/talks/{talk}/outcome/text?lang=da")).text
    assert "Genoptræning på sundhedscenteret" in text
    assert "Uden det havde jeg valgt sofaen" in text
    assert "Held" in (await astrid.get(f"/talks/{talk}?lang=en")).text


async def test_ellen_reads_her_summary_with_the_code_from_the_talk(house: House, cast: Cast) -> None:
    talk = await recorded(house, cast)
    bo = await house.staff("bo@kommune.example")
    page = await bo.get(f"/talks/{talk}/outcome")
    codes = re.findall(r"<[^>]*data-code[^>]*>\s*(\d{4})|\b(\d{4})</strong>", page.text)
    code = next(one for pair in codes for one in pair if one)
    sent = await bo.post(f"/talks/{talk}/summary/send")
    assert sent.status == 303, sent.text
    mail = (await house.mails_to("ellen@post.example", 2))[-1]
    assert [word for word in ("Ellen", "Genoptræning", "psykolog", code) if word in text_of(mail)] == []
    ellen = await house.somebody()
    link = link_in(mail, "/summary/")
    closed = await ellen.get(f"{link}?lang=da")
    assert closed.status == 200
    assert "Genoptræning" not in closed.text
    wrong = await ellen.post(link, {"code": "0000" if code != "0000" else "1111"})
    assert "Genoptræning" not in wrong.text
    opened = await ellen.post(link, {"code": code})
    assert opened.status == 200
    for told in ("Genoptræning på sundhedscenteret", "Bo Madsen", "112", "15. december"):
        assert told in opened.text, told
