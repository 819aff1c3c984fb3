"""The ward books: a form goes in; mails, links and a place in everybody's calendar come out."""

from __future__ import annotations

from handover.store.sqlite import SqliteStore
from tests.bookings import TEN, at
from tests.stories.conftest import BOOKING, House, book, calendar_of, link_in, text_of

SECRETS = ("Ellen", "Holm", "Onkologisk", "HO-17", "Træthed", "Genoptræning", "stue 4")


async def test_everybody_is_invited_each_with_a_link_of_their_own(house: House) -> None:
    astrid = await house.staff("astrid@ward.example")
    talk = await book(astrid, TEN, place="stue 4")
    (to_dag,) = await house.mails_to("dag@post.example")
    (to_ellen,) = await house.mails_to("ellen@post.example")
    (to_astrid,) = await house.mails_to("astrid@ward.example")
    assert link_in(to_dag, "/j/") != link_in(to_ellen, "/j/")
    assert link_in(to_astrid, "/talks/") == f"/talks/{talk}/room"
    calendar = calendar_of(to_dag)
    assert "METHOD:REQUEST" in calendar
    assert "SEQUENCE:0" in calendar
    assert "DTSTART;TZID=Europe/Copenhagen:20261201T100000" in calendar
    assert calendar.count("ATTENDEE") == 1
    assert to_dag["Subject"] and "1 December" in text_of(to_dag)
    assert "1. december" in text_of(to_ellen)
    for mail in (to_dag, to_ellen, to_astrid):
        told = text_of(mail) + calendar_of(mail) + str(mail["Subject"])
        assert [secret for secret in SECRETS if secret in told.replace(str(mail["To"]), "")] == []


async def test_pressing_twice_books_once(house: House, store: SqliteStore) -> None:
    astrid = await house.staff("astrid@ward.example")
    assert await book(astrid, TEN) == await book(astrid, TEN)
    assert store.read_now(lambda tx: tx.value("select count(*) from talks")) == 1


async def test_who_comes_second_is_shown_other_times(house: House) -> None:
    astrid = await house.staff("astrid@ward.example")
    await book(astrid, TEN, "k1")
    await book(astrid, TEN, "k2", **{"patient.reference": "HO-18"})
    third = {
        **BOOKING,
        "patient.reference": "HO-19",
        "step": "check",
        "go": "book",
        "start": str(TEN),
        "minutes": "30",
    }
    answer = await astrid.post("/talks/new", third)
    assert answer.status == 409
    assert "10:30" in answer.text
    assert "Everybody in the team is booked for 10:00 now. These times are free:" in answer.text


async def test_a_moved_talk_moves_in_the_calendar_and_a_cancelled_one_leaves_it(house: House) -> None:
    astrid = await house.staff("astrid@ward.example")
    talk = await book(astrid, TEN)
    await house.mails_to("dag@post.example")
    moved = {"version": "1", "start": str(at("2026-12-02 11:00")), "go": "move", "minutes": "30"}
    answer = await astrid.post(f"/talks/{talk}/move", moved)
    assert answer.status == 303, answer.text
    first, second = await house.mails_to("dag@post.example", 2)
    answer = await astrid.post(
        f"/talks/{talk}/cancel", {"version": "2", "reason": "Goes home on Tuesday already"}
    )
    assert answer.status == 303, answer.text
    *_, third = await house.mails_to("dag@post.example", 3)
    uids = {
        line
        for mail in (first, second, third)
        for line in calendar_of(mail).splitlines()
        if line.startswith("UID")
    }
    assert len(uids) == 1
    assert [
        "SEQUENCE:0" in calendar_of(first),
        "SEQUENCE:1" in calendar_of(second),
        "SEQUENCE:2" in calendar_of(third),
    ] == [True] * 3
    assert "DTSTART;TZID=Europe/Copenhagen:20261202T110000" in calendar_of(second)
    assert "2 December" in text_of(second)
    assert "METHOD:CANCEL" in calendar_of(third)
    assert "STATUS:CANCELLED" in calendar_of(third)
    assert "Tuesday already" not in text_of(third)
    dag = await house.somebody()
    assert (await dag.get(link_in(first, "/j/"))).status == 404


async def test_stopping_everything_is_silent(house: House) -> None:
    astrid = await house.staff("astrid@ward.example")
    talk = await book(astrid, TEN)
    (invited,) = await house.mails_to("ellen@post.example")
    answer = await astrid.post(f"/talks/{talk}/stop", {"because": "died"})
    assert answer.status == 303, answer.text
    later = await book(
        astrid,
        at("2026-12-02 09:00"),
        "k2",
        **{"patient.reference": "X-1", "patient.email": "per@post.example"},
    )
    assert later != talk
    await house.mails_to("per@post.example")  # the post has gone out since, and nothing for Ellen was in it
    assert len(await house.mails_to("ellen@post.example")) == 1
    ellen = await house.somebody()
    assert (await ellen.get(link_in(invited, "/j/"))).status == 404
