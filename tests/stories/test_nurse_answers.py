"""The nurse answers: a yes confirms, a no finds a colleague, and a talk right now goes to who is first."""

from __future__ import annotations

from tests.bookings import TEN
from tests.cast import Cast
from tests.stories.conftest import BOOKING, House, book, calendar_of, link_in, text_of


async def test_a_yes_confirms_the_talk_for_the_ward(house: House, cast: Cast) -> None:
    astrid, bo = await house.staff("astrid@ward.example"), await house.staff("bo@kommune.example")
    talk = await book(astrid, TEN, nurse=cast.bo.actor)
    (mail,) = await house.mails_to("bo@kommune.example")
    assert link_in(mail, "/talks/") == f"/talks/{talk}/room"
    answer = await bo.post(f"/talks/{talk}/answer", {"response": "accepted"})
    assert answer.status == 303, answer.text
    shown = await astrid.get(f"/talks/{talk}")
    assert "Confirmed" in shown.text
    assert "Has said yes to the time" in shown.text


async def test_a_no_hands_the_talk_to_a_colleague_and_moves_it_in_both_calendars(
    house: House, cast: Cast
) -> None:
    astrid, bo = await house.staff("astrid@ward.example"), await house.staff("bo@kommune.example")
    talk = await book(astrid, TEN, nurse=cast.bo.actor)
    await house.mails_to("dag@post.example")
    answer = await bo.post(f"/talks/{talk}/answer", {"response": "declined"})
    assert answer.status == 303, answer.text
    _, called_off = await house.mails_to("bo@kommune.example", 2)
    (invited,) = await house.mails_to("birgit@kommune.example")
    assert "METHOD:CANCEL" in calendar_of(called_off)
    assert "METHOD:REQUEST" in calendar_of(invited)
    assert "Birgit Holm" in (await astrid.get(f"/talks/{talk}")).text
    assert len(await house.mails_to("dag@post.example")) == 1  # the patient's facts did not change


async def test_a_talk_right_now_goes_to_the_first_nurse_who_says_yes(house: House) -> None:
    astrid = await house.staff("astrid@ward.example")
    bo, birgit = await house.staff("bo@kommune.example"), await house.staff("birgit@kommune.example")
    answer = await astrid.post("/talks/new", {**BOOKING, "key": "now", "step": "who", "go": "now"})
    assert answer.status == 303, answer.text
    talk = answer.location.split("/talks/")[1].split("?")[0]
    for nurse in ("bo@kommune.example", "birgit@kommune.example"):
        (asked,) = await house.mails_to(nurse)
        assert "Ellen" not in text_of(asked)
    assert (await bo.post(f"/talks/{talk}/join-now")).status == 303
    second = await birgit.post(f"/talks/{talk}/join-now")
    assert second.status == 409
    assert "Bo Madsen" in (await astrid.get(f"/talks/{talk}")).text
    (invited,) = await house.mails_to("ellen@post.example")
    assert link_in(invited, "/j/")


async def test_somebody_elses_nurse_finds_nothing(house: House) -> None:
    astrid, lis = await house.staff("astrid@ward.example"), await house.staff("lis@kommune.example")
    talk = await book(astrid, TEN)
    theirs, nothing = await lis.get(f"/talks/{talk}"), await lis.get("/talks/aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert (theirs.status, nothing.status) == (404, 404)
    assert (await lis.post(f"/talks/{talk}/answer", {"response": "accepted"})).status == 404
