"""Which two seats share a peer connection, which generation it is, and who makes its offers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from signaling.announcements import Make, PeerCandidate, PeerDescription, RestartIce
from signaling.errors import NotAllowed
from signaling.messages import Candidate, Description, Held
from signaling.seats import Seat

CLAIM_LASTS = 30.0  # seconds for the other end to dial a restarted server too; as long as a seat is kept
RESTART_EVERY = 2.0  # seconds; both ends notice a broken path at the same time, and one restart is enough
AHEAD_OF_CLOCK = 1_000_000  # more generations than a room can have used; a claim beyond is made up


@dataclass
class Pair:
    generation: int
    offerer: str
    restarted_at: float = 0.0


@dataclass(frozen=True)
class Claim:
    """What one end says about a connection that this server has not made."""

    generation: int
    offerer: str
    until: float


class Pairs:
    """The peer connections of one room. Generations rise over the whole room, so an old message never fits.

    They start at the clock, so that a server which has just restarted does not repeat one either.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pairs: dict[frozenset[str], Pair] = {}
        self._claims: dict[tuple[str, str], Claim] = {}  # by claimant and peer
        self._generation = int(clock())

    def make(self, offerer: Seat, answerer: Seat) -> None:
        """Tells both to close what they have and connect anew, one of them offering."""
        self._generation += 1
        pair = Pair(self._generation, offerer.participant)
        self._pairs[_key(offerer, answerer)] = pair
        offerer.post(Make(answerer.participant, pair.generation, pair.offerer))
        answerer.post(Make(offerer.participant, pair.generation, pair.offerer))

    def join(self, newcomer: Seat, present: Iterable[Seat], holding: tuple[Held, ...]) -> None:
        """Connects a seat with everyone present, except where it still holds the current connection.

        The one already there offers: the newcomer's camera may still be starting. What a newcomer does not hold is
        forgotten also where the other end is away just now, so that it is made when that one is back.
        """
        claims = self._claims_of(newcomer, holding)
        self._pairs = {
            key: pair
            for key, pair in self._pairs.items()
            if newcomer.participant not in key or _holds(newcomer, claims, key, pair)
        }
        for peer in present:
            claim = claims.pop(peer.participant, None)
            counterclaim = self._claims.pop((peer.participant, newcomer.participant), None)
            if _key(newcomer, peer) in self._pairs:
                continue
            if claim and counterclaim and self._agree(newcomer, peer, claim, counterclaim):
                self._pairs[_key(newcomer, peer)] = Pair(claim.generation, claim.offerer)
            else:
                self.make(offerer=peer, answerer=newcomer)
        self._claims |= {(newcomer.participant, peer): claim for peer, claim in claims.items()}

    def recreate(self, asker: Seat, peer: Seat, generation: int) -> None:
        """Makes a connection again; when both ends ask, the second finds its generation gone."""
        self.unclaim(asker.participant, peer.participant)
        pair = self._pairs.get(_key(asker, peer))
        if pair is None or pair.generation != generation:
            return
        if not peer.live:
            del self._pairs[_key(asker, peer)]  # made when the peer is back
        elif pair.offerer == asker.participant:
            self.make(offerer=asker, answerer=peer)
        else:
            self.make(offerer=peer, answerer=asker)

    def restart(self, asker: Seat, peer: Seat, generation: int) -> None:
        """Asks the offerer for an ICE restart of the current connection; one asking at a time counts."""
        pair = self._pairs.get(_key(asker, peer))
        now = self._clock()
        if pair is None or pair.generation != generation or abs(now - pair.restarted_at) < RESTART_EVERY:
            return
        pair.restarted_at = now
        offerer, other = (asker, peer) if pair.offerer == asker.participant else (peer, asker)
        offerer.post(RestartIce(other.participant, generation))

    def relay(self, sender: Seat, peer: Seat, message: Description | Candidate) -> None:
        """Passes a message on under the sender's true name; what belongs to an older generation ends here."""
        pair = self._pairs.get(_key(sender, peer))
        if pair is None or pair.generation != message.generation:
            return
        if isinstance(message, Candidate):
            peer.post(PeerCandidate(sender.participant, message.generation, message.candidate))
            return
        if (message.description["type"] == "offer") != (pair.offerer == sender.participant):
            raise NotAllowed("only the offerer offers")
        peer.post(PeerDescription(sender.participant, message.generation, message.description))

    def unclaim(self, asker: str, peer: str) -> None:
        """A connection that was held over a restart broke before the other end came back."""
        self._claims.pop((asker, peer), None)

    def forget(self, participant: str) -> None:
        self._pairs = {key: pair for key, pair in self._pairs.items() if participant not in key}
        self._claims = {key: claim for key, claim in self._claims.items() if key[0] != participant}

    def _claims_of(self, seat: Seat, holding: tuple[Held, ...]) -> dict[str, Claim]:
        """What a newcomer holds, by peer. New generations start above every one of them."""
        self._claims = {key: claim for key, claim in self._claims.items() if key[0] != seat.participant}
        now = self._clock()
        # What this server itself has used is known, however far a claim has pushed it.
        highest = max(now + AHEAD_OF_CLOCK, self._generation)
        believable = [held for held in holding if held.generation <= highest]
        self._generation = max(self._generation, *(held.generation for held in believable), 0)
        return {
            held.peer: Claim(held.generation, held.offerer, now + CLAIM_LASTS)
            for held in believable
            if held.peer != seat.participant
        }

    def _agree(self, one: Seat, other: Seat, claim: Claim, counterclaim: Claim) -> bool:
        return (
            (claim.generation, claim.offerer) == (counterclaim.generation, counterclaim.offerer)
            and claim.offerer in (one.participant, other.participant)
            and self._clock() <= counterclaim.until
        )


def _holds(newcomer: Seat, claims: dict[str, Claim], key: frozenset[str], pair: Pair) -> bool:
    """Whether a newcomer still has this connection of theirs, be the other end there or not."""
    (peer,) = key - {newcomer.participant}
    claim = claims.get(peer)
    return claim is not None and claim.generation == pair.generation


def _key(one: Seat, other: Seat) -> frozenset[str]:
    return frozenset((one.participant, other.participant))
