"""Those who knock at one room, in the order they came, and what the hosts let them know meanwhile."""

from signaling import announcements as say
from signaling import messages as m
from signaling.errors import NotAllowed, NotWaiting
from signaling.limits import Bucket
from signaling.outbox import seal
from signaling.passes import Pass
from signaling.seats import Seat, State

KNOCKS = 20  # of one participant at once; the owner notes each for good, for somebody whom nobody has let in
KNOCK_EVERY = 30.0  # seconds until one comes back


class Queue:
    """One for all hosts of a room. Whoever waits here is told nothing of those inside."""

    def __init__(self) -> None:
        self.seats: dict[str, Seat] = {}  # by participant
        self.notice = ""  # the last one to all, repeated to whoever knocks later
        self.notice_until = 0.0  # epoch seconds
        self._knocks: dict[str, Bucket] = {}  # by participant

    def entries(self) -> list[say.KnockingEntry]:
        return [seat.knocking_entry() for seat in self.seats.values()]

    def count_knock(self, participant: str) -> None:
        """One more knock, or another name, that the owner is to note; raises NotAllowed after too many."""
        bucket = self._knocks.setdefault(participant, Bucket(burst=KNOCKS, per_second=1 / KNOCK_EVERY))
        if not bucket.take():
            raise NotAllowed("that was too many knocks; wait a little")

    def join(self, seat: Seat, name: str, relation: str, now: int) -> None:
        """Waits from now on, in the place of the same participant's older knock; repeated, corrects the name."""
        old = self.seats.get(seat.participant)
        if old is not seat:
            seat.since = now
            if old:
                seat.take_over(old)
            seat.move(State.WAITING)
            self.seats[seat.participant] = seat
        seat.name, seat.relation = name, relation
        seat.post(say.Waiting(self.notice))

    def holds(self, seat: Seat) -> bool:
        return self.seats.get(seat.participant) is seat

    def leave(self, seat: Seat) -> None:
        """Takes a seat out; another one of the same participant stays."""
        if self.holds(seat):
            del self.seats[seat.participant]

    def notify(self, by: Pass, notify: m.Notify) -> None:
        """One of the owner's set messages, to one who waits or to all; raises NotWaiting."""
        notice = seal(say.Notice(notify.message))
        if notify.participant is None:
            self.notice, self.notice_until = notify.message, by.expires_at
            for guest in self.seats.values():
                guest.post(notice)
        elif notify.participant in self.seats:
            self.seats[notify.participant].post(notice)
        else:
            raise NotWaiting("nobody of that name waits")

    def forget_notice(self) -> None:
        self.notice, self.notice_until = "", 0.0
