"""Whatever people book, move, hand over and cancel in any order: no nurse is ever in two talks at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from handover import replying
from handover.booking import book
from handover.domain.bookings import Changes
from handover.errors import HandoverError
from handover.moving import change, move
from handover.stopping import cancel
from handover.store import accounts, sessions, talks
from handover.store.sqlite import SqliteStore
from tests.bookings import ELLEN, at, wanted, words
from tests.cast import NOW, Cast, gather

# Half an hour each way of a busy morning, on and off the grid, so that most pairs of choices meet.
starts = some.integers(0, 16).map(lambda step: at("2026-12-01 08:30") + step * 600)
lengths = some.sampled_from([10, 30, 45, 90, 240])
nurses = some.sampled_from(["bo", "birgit", None])
teams = some.sampled_from(["0540", "0173"])
places = some.sampled_from(["", "Stue 4"])


@cache
def _prepared() -> tuple[bytes, Cast]:
    """A database with the cast, as the bytes of its file; Bo serves Lyngby-Taarbæk too."""
    with TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "handover.db")
        cast = store.write_now(gather)
        store.write_now(words)
        store.write_now(accounts.join_unit, cast.bo.actor, cast.lyngby_team)
        bo = store.read_now(sessions.staff_scope, cast.bo.actor)
        assert bo is not None
        store.close_now()
        return (Path(folder) / "handover.db").read_bytes(), replace(cast, bo=bo)


class Booking(RuleBasedStateMachine):
    """Two nurses, one of them in two teams; people press whatever they like."""

    booked: Bundle[str] = Bundle("booked")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "handover.db"
        content, self.cast = _prepared()
        path.write_bytes(content)
        self.store = SqliteStore(path)

    def teardown(self) -> None:
        self.store.close_now()
        self.folder.cleanup()

    def _nurse(self, name: str | None) -> str | None:
        return getattr(self.cast, name).actor if name else None

    @rule(target=booked, start=starts, minutes=lengths, nurse=nurses, place=places, team=teams)
    def book(self, start: int, minutes: int, nurse: str | None, place: str, team: str) -> str:
        facts = wanted(start, minutes=minutes, nurse=self._nurse(nurse), place=place, municipality=team)
        facts = replace(facts, patient=replace(ELLEN, reference=f"{start}"))
        try:
            return self.store.write_now(book, facts, by=self.cast.astrid, now=NOW).id
        except HandoverError:
            return ""

    @rule(talk=booked, start=starts, minutes=lengths, nurse=nurses)
    def move(self, talk: str, start: int, minutes: int, nurse: str | None) -> None:
        self._press(move, talk, start, minutes=minutes, nurse=self._nurse(nurse), version=self._version(talk))

    @rule(talk=booked, nurse=some.sampled_from(["bo", "birgit"]), place=places)
    def change(self, talk: str, nurse: str, place: str) -> None:
        changes = Changes(nurse=self._nurse(nurse) or "", place=place)
        self._press(change, talk, changes, version=self._version(talk))

    @rule(
        talk=booked,
        who=some.sampled_from(["bo", "birgit"]),
        response=some.sampled_from(["accepted", "declined"]),
    )
    def answer(self, talk: str, who: str, response: str) -> None:
        self._press(replying.answer, talk, response, by=getattr(self.cast, who))

    @rule(talk=consumes(booked))
    def cancel(self, talk: str) -> None:
        self._press(cancel, talk, "")

    def _version(self, talk: str) -> int:
        found = self.store.read_now(talks.load, talk)
        return found.version if found else 0

    def _press(self, story: Callable[..., Any], *args: Any, **facts: Any) -> None:
        """What cannot be done is refused with a sentence, and nothing else."""
        with suppress(HandoverError):
            self.store.write_now(story, *args, **{"by": self.cast.astrid, "now": NOW, **facts})

    @invariant()
    def nobody_is_in_two_talks_at_once(self) -> None:
        rows = self.store.read_now(
            lambda tx: tx.tuples(
                """
                select nurse, ward, place, starts_at, ends_at, state from talks
                where state not in ('cancelled', 'not-held') order by starts_at
                """
            )
        )
        for number, (nurse, ward, place, start, end, _) in enumerate(rows):
            for other in rows[number + 1 :]:
                if other[3] < end and start < other[4]:
                    assert nurse is None or nurse != other[0]
                    assert not place or (ward, place) != (other[1], other[2])

    @invariant()
    def who_comes_is_who_is_invited(self) -> None:
        found = self.store.read_now(
            lambda tx: tx.tuples(
                """
                select t.nurse, p.account from talks t
                left join participants p on p.talk = t.id and p.role = 'nurse' and p.removed_at is null
                """
            )
        )
        assert all(nurse == invited for nurse, invited in found)


TestBooking = Booking.TestCase
TestBooking.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
