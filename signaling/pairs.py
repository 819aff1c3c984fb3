"""Which two seats share a peer connection, which generation it is, and who makes its offers."""

from dataclasses import dataclass

from signaling.announcements import Make, PeerCandidate, PeerDescription
from signaling.errors import NotAllowed
from signaling.messages import Candidate, Description, Held
from signaling.seats import Seat


@dataclass(frozen=True)
class Pair:
    generation: int
    offerer: str


class Pairs:
    """The peer connections of one room. Generations rise over the whole room, so an old message never fits.

    They start at the clock, so that a server which has just restarted does not repeat one either.
    """

    def __init__(self, first_generation: int) -> None:
        self._pairs: dict[frozenset[str], Pair] = {}
        self._generation = first_generation

    def make(self, offerer: Seat, answerer: Seat) -> None:
        """Tells both to close what they have and connect anew, one of them offering."""
        self._generation += 1
        pair = Pair(self._generation, offerer.participant)
        self._pairs[_key(offerer, answerer)] = pair
        offerer.post(Make(answerer.participant, pair.generation, pair.offerer))
        answerer.post(Make(offerer.participant, pair.generation, pair.offerer))

    def join(self, newcomer: Seat, present: list[Seat], holding: tuple[Held, ...]) -> None:
        """Connects a seat with everyone present, except where it still holds the current connection.

        The one already there offers: the newcomer's camera may still be starting.
        """
        held = {held.peer: held.generation for held in holding}
        for peer in present:
            pair = self._pairs.get(_key(newcomer, peer))
            if pair is None or held.get(peer.participant) != pair.generation:
                self.make(offerer=peer, answerer=newcomer)

    def recreate(self, asker: Seat, peer: Seat, generation: int) -> None:
        """Makes a connection again; when both ends ask, the second finds its generation gone."""
        pair = self._pairs.get(_key(asker, peer))
        if pair is None or pair.generation != generation:
            return
        if not peer.live:
            del self._pairs[_key(asker, peer)]  # made when the peer is back
        elif pair.offerer == asker.participant:
            self.make(offerer=asker, answerer=peer)
        else:
            self.make(offerer=peer, answerer=asker)

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

    def forget(self, participant: str) -> None:
        self._pairs = {key: pair for key, pair in self._pairs.items() if participant not in key}


def _key(one: Seat, other: Seat) -> frozenset[str]:
    return frozenset((one.participant, other.participant))
