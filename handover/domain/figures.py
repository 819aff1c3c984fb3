"""Counting: patients, not talks; every share with both its numbers and a Wilson interval.

The chain: patients with a talk → held → offered something → said yes. "Not relevant" and "has it already" leave the
denominator of "said yes": nobody can accept what does not concern them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Z95 = 1.96  # two-sided 95 %
OUT_OF_QUESTION = frozenset({"not-relevant", "has-already"})


@dataclass(frozen=True)
class Share:
    """`count` of `of` patients, as a fraction with its 95 % interval; the fraction is None when `of` is 0."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def wilson(count: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Wilson score interval for a proportion (Wilson 1927, JASA 22:209), as fractions between 0 and 1.

    Chosen over the textbook interval because it stays honest at 0 of n, n of n and small n. It treats patients as
    independent: clustering by nurse or ward is ignored, and the page says so. Raises ValueError unless 0 ≤ count ≤ of
    and of > 0.
    """
    if of <= 0 or not 0 <= count <= of:
        raise ValueError("a proportion needs 0 <= count <= of and of > 0")
    p = count / of
    denominator = 1 + z * z / of
    centre = (p + z * z / (2 * of)) / denominator
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / denominator
    return max(0.0, centre - half), min(1.0, centre + half)


def share(count: int, of: int) -> Share:
    """A share with its interval."""
    if of == 0:
        return Share(count, of, None, None, None)
    low, high = wilson(count, of)
    return Share(count, of, count / of, low, high)


@dataclass(frozen=True)
class CountedTalk:
    """What counting needs of a talk. `month` is YYYY-MM where the ward is; `ward` is empty for a talk without one."""

    talk: str
    patient: str
    state: str
    stopped: bool
    month: str
    ward: str
    municipality: str
    programme: str
    form: str


@dataclass(frozen=True)
class CountedOffer:
    """An offer that was shown or decided on in a talk; `decision` is None while nothing was said."""

    talk: str
    kind: str
    for_whom: str
    decision: str | None
    reason: str | None


@dataclass
class Patients:
    """Sets of patients who reached each step; a patient counts once however many talks there were."""

    talk: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    offered: set[str] = field(default_factory=set)
    askable: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    undecided: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Chain:
    """The steps as shares: held of those with a talk, offered of held, accepted of those something fitted."""

    patients: int
    stopped: int
    held: Share
    offered: Share
    accepted: Share
    undecided: int
    declined: int


@dataclass(frozen=True)
class Line:
    """One line of a breakdown."""

    key: str
    chain: Chain


@dataclass(frozen=True)
class KindLine:
    """How one kind of offer was met, in patients. `accepted` is of those it could concern."""

    kind: str
    offered: int
    accepted: Share
    undecided: int
    declined: int
    has_already: int
    not_relevant: int
    unanswered: int


@dataclass(frozen=True)
class Figures:
    """Everything the working view shows for a period."""

    total: Chain
    by: tuple[Line, ...]
    kinds: tuple[KindLine, ...]
    reasons: tuple[tuple[str, Share], ...]
    for_relatives: int
    unmet: tuple[tuple[str, int], ...]


def count(
    talks: Iterable[CountedTalk],
    offers: Iterable[CountedOffer],
    unmet: Mapping[str, int],
    by: str | None = None,
) -> Figures:
    """Count a period's talks. `by` is a field of `CountedTalk` to break the chain down by; `unmet` is theme →
    patients."""
    by_talk = {talk.talk: talk for talk in talks}
    of_patient: list[tuple[CountedTalk, CountedOffer]] = []
    relatives = set()
    for offer in offers:
        talk = by_talk[offer.talk]
        if offer.for_whom == "patient":
            of_patient.append((talk, offer))
        elif offer.decision == "accepted":
            relatives.add(talk.patient)
    groups = _grouped(by_talk.values(), of_patient, lambda _: "")
    lines: tuple[Line, ...] = ()
    if by is not None:
        grouped = _grouped(by_talk.values(), of_patient, lambda talk: getattr(talk, by))
        lines = tuple(Line(key, _chain(grouped[key])) for key in sorted(grouped))
    return Figures(
        total=_chain(groups.get("", Patients())),
        by=lines,
        kinds=_kinds(of_patient),
        reasons=_reasons(of_patient),
        for_relatives=len(relatives),
        unmet=tuple(sorted(unmet.items(), key=lambda item: (-item[1], item[0]))),
    )


def _grouped(
    talks: Iterable[CountedTalk],
    offers: Iterable[tuple[CountedTalk, CountedOffer]],
    key: Callable[[CountedTalk], str],
) -> dict[str, Patients]:
    groups: dict[str, Patients] = defaultdict(Patients)
    for talk in talks:
        group = groups[key(talk)]
        if talk.stopped and talk.state != "held":
            # Death or readmission came first: nobody failed to hold this talk.
            group.stopped.add(talk.patient)
            continue
        group.talk.add(talk.patient)
        if talk.state == "held":
            group.held.add(talk.patient)
    for talk, offer in offers:
        if talk.state != "held":
            continue
        group = groups[key(talk)]
        group.offered.add(talk.patient)
        if offer.decision not in OUT_OF_QUESTION:
            group.askable.add(talk.patient)
        if offer.decision == "accepted":
            group.accepted.add(talk.patient)
        elif offer.decision == "undecided":
            group.undecided.add(talk.patient)
        elif offer.decision == "declined":
            group.declined.add(talk.patient)
    return groups


def _chain(patients: Patients) -> Chain:
    return Chain(
        patients=len(patients.talk),
        stopped=len(patients.stopped),
        held=share(len(patients.held), len(patients.talk)),
        offered=share(len(patients.offered), len(patients.held)),
        accepted=share(len(patients.accepted), len(patients.askable)),
        undecided=len(patients.undecided),
        declined=len(patients.declined),
    )


def _kinds(offers: list[tuple[CountedTalk, CountedOffer]]) -> tuple[KindLine, ...]:
    met: dict[str, dict[str | None, set[str]]] = defaultdict(lambda: defaultdict(set))
    for talk, offer in offers:
        if talk.state == "held":
            met[offer.kind][offer.decision].add(talk.patient)
    lines = []
    for kind, decisions in met.items():
        offered = set().union(*decisions.values())
        askable = set().union(*(found for word, found in decisions.items() if word not in OUT_OF_QUESTION))
        lines.append(
            KindLine(
                kind,
                len(offered),
                share(len(decisions["accepted"]), len(askable)),
                len(decisions["undecided"]),
                len(decisions["declined"]),
                len(decisions["has-already"]),
                len(decisions["not-relevant"]),
                len(decisions[None]),
            )
        )
    return tuple(sorted(lines, key=lambda line: (-line.offered, line.kind)))


def _reasons(offers: list[tuple[CountedTalk, CountedOffer]]) -> tuple[tuple[str, Share], ...]:
    said = [
        offer.reason or "not-said"
        for talk, offer in offers
        if talk.state == "held" and offer.decision == "declined"
    ]
    return tuple((reason, share(number, len(said))) for reason, number in Counter(said).most_common())
