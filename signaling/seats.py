"""A seat: one socket's place in a room, its states, and what may be said from each of them."""

from asyncio import TimerHandle
from collections.abc import Iterable
from enum import Enum

from signaling.announcements import Announcement, KnockingEntry, RosterEntry
from signaling.errors import Close, NotAllowed
from signaling.fields import one_line
from signaling.messages import Media
from signaling.outbox import Outbox, Sealed
from signaling.passes import Pass


class State(Enum):
    CONNECTING = "connecting"  # said hello, has not knocked
    WAITING = "waiting"
    ADMITTED = "admitted"
    AWAY = "away"  # admitted, socket lost, seat kept for a while
    LEFT = "left"
    DECLINED = "declined"
    REPLACED = "replaced"


MOVES: dict[State, frozenset[State]] = {
    State.CONNECTING: frozenset({State.WAITING, State.ADMITTED, State.LEFT, State.DECLINED}),
    State.WAITING: frozenset({State.ADMITTED, State.LEFT, State.DECLINED, State.REPLACED}),
    State.ADMITTED: frozenset({State.AWAY, State.LEFT, State.DECLINED, State.REPLACED}),
    State.AWAY: frozenset({State.LEFT, State.DECLINED, State.REPLACED}),
    State.LEFT: frozenset(),
    State.DECLINED: frozenset(),
    State.REPLACED: frozenset(),
}

# Who may say what. A message not in a state's row is answered with `not-allowed`, to its sender alone.
ALLOWED: dict[State, frozenset[str]] = {
    State.CONNECTING: frozenset({"knock", "ping", "bye"}),
    State.WAITING: frozenset({"knock", "ping", "bye"}),
    State.ADMITTED: frozenset(
        {"knock", "ping", "bye", "description", "candidate", "recreate", "restart", "media", "text", "turn"}
        | {"report", "company", "admit", "decline", "notify", "remove", "end"}
    ),
    State.AWAY: frozenset(),
    State.LEFT: frozenset(),
    State.DECLINED: frozenset(),
    State.REPLACED: frozenset(),
}
HOSTS_ONLY = frozenset({"company", "admit", "decline", "notify", "remove", "end"})
MOST_SILENT = (
    8  # a page has one, and a few more of a line that breaks; a link opened for ever must not fill the server
)
SILENT = Media(microphone=False, camera=False, pictures=True)


class Seat:
    """One socket's place. A participant who dials again gets a new seat, which takes over the old one."""

    __slots__ = (
        "_outbox", "company", "device", "fingerprint", "fresh_ice_at", "kept_until", "live", "media", "name", "pass_",
        "relation", "relay_only", "reports", "second_device", "since", "state",
    )  # fmt: skip

    def __init__(self, pass_: Pass, outbox: Outbox, device: str = "", fingerprint: str = "") -> None:
        self.pass_ = pass_
        self.device = device  # a digest; empty when the client names none
        self.fingerprint = fingerprint
        self.state = State.CONNECTING
        self.live = True
        self.name = one_line(pass_.name)
        self.relation = ""
        self.media = SILENT
        self.company: tuple[str, ...] = ()
        self.second_device = False
        self.since = 0
        self.fresh_ice_at = 0.0
        self.reports = 0
        self.relay_only = False  # what it says about its network is freed of its own addresses
        self.kept_until: TimerHandle | None = None
        self._outbox = outbox

    @property
    def participant(self) -> str:
        return self.pass_.participant

    @property
    def cut_off(self) -> bool:
        """Whether its page is connected with nobody, as far as it has said."""
        return self.media.quality in ("", "lost")

    def check(self, message_type: str) -> None:
        """Raises NotAllowed when this seat may not say that now."""
        if message_type not in ALLOWED[self.state] or (message_type in HOSTS_ONLY and not self.pass_.admits):
            raise NotAllowed(f"{message_type} is not allowed here")

    def move(self, state: State) -> None:
        if state not in MOVES[self.state]:
            raise ValueError(f"a seat cannot go from {self.state.value} to {state.value}")
        self.state = state

    def post(self, message: Announcement | Sealed) -> None:
        if self.live:
            self._outbox.post(message)

    def hang_up(self, why: Close) -> None:
        self._outbox.close(why)
        self.live = False

    def finish(self, state: State, message: Announcement, why: Close) -> None:
        """The last message and the close."""
        self.forget_timer()
        self.move(state)
        self.post(message)
        self.hang_up(why)

    def refuse(self, why: Close) -> None:
        """Ends a seat that never got anywhere."""
        self.move(State.LEFT)
        self.hang_up(why)

    def take_over(self, old: "Seat") -> None:
        """Carries on where the same participant's other socket was."""
        self.name, self.relation = old.name, old.relation
        self.media = old.media
        self.company = old.company
        self.since = old.since
        self.second_device = old.second_device or not self.same_device(old)

    def same_device(self, other: "Seat") -> bool:
        return bool(self.device) and self.device == other.device

    def forget_timer(self) -> None:
        if self.kept_until:
            self.kept_until.cancel()
            self.kept_until = None

    def roster_entry(self) -> RosterEntry:
        return RosterEntry(
            participant=self.participant,
            name=self.name,
            role=self.pass_.role,
            organisation=self.pass_.organisation,
            relation=self.relation,
            admits=self.pass_.admits,
            away=self.state is State.AWAY,
            microphone=self.media.microphone,
            camera=self.media.camera,
            pictures=self.media.pictures,
            hand=self.media.hand,
            sharing=self.media.sharing,
            signing=self.media.signing,
            quality=self.media.quality,
            fingerprint=self.fingerprint,
            speaks_for=self.pass_.speaks_for,
            company=self.company,
        )

    def knocking_entry(self) -> KnockingEntry:
        return KnockingEntry(
            participant=self.participant,
            name=self.name,
            role=self.pass_.role,
            relation=self.relation,
            link=self.pass_.link,
            second_device=self.second_device,
            away=not self.live,
            since=self.since,
        )


def beyond_measure(seats: Iterable[Seat], participant: str) -> list[Seat]:
    """Those of a participant that have not knocked, oldest first, with which a new one would be too many."""
    silent = [seat for seat in seats if seat.participant == participant and seat.state is State.CONNECTING]
    return silent[: max(0, len(silent) + 1 - MOST_SILENT)]
