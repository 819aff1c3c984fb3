"""Those inside one room: what they see of each other, signed, and what passes between them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from signaling import announcements as say
from signaling import messages as m
from signaling.addresses import hidden
from signaling.errors import NotAllowed
from signaling.hooks import count
from signaling.ice import Ice
from signaling.outbox import seal
from signaling.pairs import Pairs
from signaling.passes import Pass
from signaling.rules import Rules
from signaling.seats import Seat

FRESH_ICE_EVERY = 10.0  # seconds between two sets of TURN credentials for one seat
MOST_REPORTS = 8  # of one seat; a page sends one or two, and one guest must not be all of the statistics
SEPARATOR = "\x1f"  # no name can contain it: typed and given ones lose their control characters


class Inside:
    """The seats at the table, by participant. Only what is said here reaches anybody, and only who sits here."""

    def __init__(self, room_id: str, rules: Rules) -> None:
        self.seats: dict[str, Seat] = {}
        self.pairs = Pairs(rules.clock)
        self._room_id = room_id
        self._rules = rules
        self._signed = ("", "")  # the lines signed last, and their signature

    @property
    def connected(self) -> int:
        return sum(seat.live for seat in self.seats.values())

    @property
    def form(self) -> str:
        """`video` when somebody's picture flows to somebody else, else `sound`."""
        live = [seat for seat in self.seats.values() if seat.live]
        flows = any(
            (sender.media.camera or sender.media.sharing) and receiver.media.pictures
            for sender in live
            for receiver in live
            if sender is not receiver
        )
        return "video" if flows else "sound"

    def has_room_for(self, pass_: Pass) -> bool:
        """Whether a seat is free that is not kept for somebody whose role has one reserved."""
        taken = {seat.pass_.role for seat in self.seats.values()}
        wanted = {*self._rules.reserved, *pass_.reserves}.union(
            *(s.pass_.reserves for s in self.seats.values())
        )
        return len(self.seats) + len(wanted - taken - {pass_.role}) < self._rules.seats

    def sit(self, seat: Seat, holding: tuple[m.Held, ...]) -> None:
        """Gives the newcomer all that a seat brings, and connects it with those present."""
        self.seats[seat.participant] = seat
        ice = self._ice(seat)
        roster = self.roster()
        seat.post(
            say.Admitted(ice.servers, ice.relay_only, self._lasts(ice.expires_at), roster, self._sign(roster))
        )
        present = [peer for peer in self.seats.values() if peer is not seat and peer.live]
        self.pairs.join(seat, present, holding)
        self.share_roster(but=seat)

    def holds(self, seat: Seat) -> bool:
        return self.seats.get(seat.participant) is seat

    def leave(self, seat: Seat) -> None:
        """Takes a seat away with its connections; another one of the same participant stays."""
        if self.holds(seat):
            del self.seats[seat.participant]
            self.pairs.forget(seat.participant)

    def relay(self, seat: Seat, message: m.Description | m.Candidate) -> None:
        """Passes it on; from a seat that connects through the relay alone, without any address of its own."""
        said = hidden(message) if seat.relay_only else message
        if said is not None and (peer := self.seats.get(said.to)):
            self.pairs.relay(seat, peer, said)

    def receive(self, seat: Seat, message: m.FromClient) -> None:
        """What else one seat says to the others, or asks for itself; touches nobody's admission."""
        match message:
            case m.Recreate():
                if (peer := self.seats.get(message.peer)) and peer is not seat:
                    self.pairs.recreate(seat, peer, message.generation)
                else:
                    self.pairs.unclaim(seat.participant, message.peer)
            case m.Restart():
                if (peer := self.seats.get(message.peer)) and peer is not seat:
                    self.pairs.restart(seat, peer, message.generation)
            case m.Text():
                self._tell_all(say.PeerText(seat.participant, message.line, message.text, message.done), seat)
            case m.Media():
                if message != seat.media:
                    seat.media = message
                    self.share_roster()
            case m.Company():
                seat.company = message.people
                self.share_roster()
            case m.Turn():
                self._refresh_ice(seat)
            case m.Report():
                self._report(seat, message)

    def tell(self, payload: Mapping[str, Any], to: Callable[[Pass], bool]) -> None:
        event = seal(say.Event(payload))
        for seat in self.seats.values():
            if to(seat.pass_):
                seat.post(event)

    def roster(self) -> list[say.RosterEntry]:
        return [seat.roster_entry() for seat in self.seats.values()]

    def share_roster(self, but: Seat | None = None) -> None:
        roster = self.roster()
        self._tell_all(say.Roster(roster, self._sign(roster)), but)

    def _tell_all(self, message: say.Announcement, but: Seat | None) -> None:
        sealed = seal(message)
        for seat in self.seats.values():
            if seat is not but:
                seat.post(sealed)

    def _refresh_ice(self, seat: Seat) -> None:
        now = self._rules.clock()
        if abs(now - seat.fresh_ice_at) < FRESH_ICE_EVERY:
            raise NotAllowed("ask again in ten seconds")
        seat.fresh_ice_at = now
        ice = self._ice(seat)
        seat.post(say.FreshIce(ice.servers, ice.relay_only, self._lasts(ice.expires_at)))

    def _ice(self, seat: Seat) -> Ice:
        ice = self._rules.ice(seat.pass_)
        seat.relay_only = ice.relay_only
        return ice

    def _report(self, seat: Seat, report: m.Report) -> None:
        seat.reports += 1
        if seat.reports > MOST_REPORTS:
            raise NotAllowed("enough has been reported")
        count(lambda: self._rules.hooks.reported(seat.pass_, report))

    def _lasts(self, expires_at: float) -> int:
        return max(0, int(expires_at - self._rules.clock())) if expires_at else 0

    def _sign(self, roster: Iterable[say.RosterEntry]) -> str:
        """The owner's signature over who is here with which certificate; the same lines are signed once."""
        if self._rules.sign is None:
            return ""
        lines = "\n".join(
            [
                "roster 1",
                self._room_id,
                *(SEPARATOR.join((e.participant, e.role, e.name, e.fingerprint)) for e in roster),
            ]
        )
        if self._signed[0] != lines:
            self._signed = (lines, self._rules.sign(lines.encode()))
        return self._signed[1]
