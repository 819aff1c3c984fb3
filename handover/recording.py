"""Record what came out of a talk, during it or afterwards, by either side; nobody's words are overwritten unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from handover import attending
from handover.attending import Facts
from handover.domain.access import Scope
from handover.domain.days import is_date
from handover.domain.outcomes import (
    CHOICES,
    FOR_WHOM,
    NOT_HELD_REASONS,
    REASONS,
    Contact,
    Decision,
    Outcome,
    Suggestion,
    as_json,
    following,
    from_json,
    gaps_filled,
)
from handover.domain.presence import form_of
from handover.domain.talks import FORMS, Talk, may_become
from handover.errors import N_, Conflict, FieldError, look_again, refuse
from handover.store import accounts, audit, catalogue, links, outcomes, programmes, showings, talks
from handover.store.engine import Tx


@dataclass(frozen=True)
class Draft:
    """What somebody had written and not saved: on top of which version, and when."""

    outcome: Outcome
    base_version: int
    saved_at: int
    suggested: Suggestion | None = None  # what stood in the form already; None where nothing was suggested


@dataclass(frozen=True)
class Sheet:
    """The outcome form of one person: what is saved, what stands in the form, and whether the two have parted.

    `suggested` is what the service saw, while nobody has said who was there and how; `facts` it says in any case.
    """

    talk: Talk
    saved: Outcome
    writing: Outcome
    draft: Draft | None
    stale: bool
    suggested: Suggestion | None
    facts: Facts


def outcome_of(tx: Tx, talk: str, *, by: Scope) -> tuple[Talk, Outcome]:
    """The talk and its outcome: decisions as saved, and what was shown without a decision."""
    found = talks.get(tx, by, talk, "outcomes:read")
    return found, outcomes.load(tx, talk)


def sheet_of(tx: Tx, talk: str, *, by: Scope, now: int) -> Sheet:
    """The form as this person finds it: their draft if they have one, else what is saved, else a first suggestion.

    Who was there and how the talk was held follow what the service sees until somebody says otherwise, in a draft too.
    """
    found, saved = outcome_of(tx, talk, by=by)
    draft, facts = draft_of(tx, talk, by=by), attending.facts_of(tx, found, now=now)
    suggested = None if saved.version else _suggestion(found, facts)
    if draft is None:
        writing = saved if suggested is None else _first(found, saved, suggested)
        return Sheet(found, saved, writing, None, False, suggested, facts)
    if draft.suggested is not None:
        known = suggested or Suggestion(saved.form, saved.present)
        draft = replace(draft, outcome=following(draft.outcome, draft.suggested, known))
    stale = draft.base_version != saved.version
    return Sheet(found, saved, _written_on(saved, draft, stale), draft, stale, suggested, facts)


def _written_on(saved: Outcome, draft: Draft, stale: bool) -> Outcome:
    """A draft with what was shown since. Where others saved meanwhile, its gaps are filled from theirs."""
    if stale:
        return gaps_filled(draft.outcome, saved)
    shown_since = tuple(one for one in saved.decisions if draft.outcome.of_offer(one.offer) is None)
    return replace(
        draft.outcome,
        decisions=draft.outcome.decisions + tuple(one for one in shown_since if one.decision is None),
        version=saved.version,
    )


def record(tx: Tx, talk: str, outcome: Outcome, *, version: int, by: Scope, now: int) -> Outcome:
    """Save the outcome on top of `version` and mark the talk as held; the patient's summary gets its link.

    Raises `Conflict` `stale-version` (with `current`) when somebody saved since, so a repeat is told and not doubled.
    """
    found = talks.get(tx, by, talk, "outcomes:write")
    before = outcomes.load(tx, talk)
    _refuse_what_cannot_be_held(found, by)
    if version != before.version:
        raise Conflict(
            "stale-version",
            N_("Somebody else saved the outcome meanwhile. Compare the two, then save again."),
            {"current": as_json(before)},
        )
    _check(tx, found, outcome)
    saved = replace(outcome, version=version + 1)
    outcomes.save(tx, talk, saved, _versions(tx, talk, saved), by=by.actor, now=now)
    if found.state != "held":
        outcomes.mark(tx, talk, "held", None, now=now)
    outcomes.drop_draft(tx, talk, by.actor)
    for person in found.participants:
        if person.role == "patient":
            links.ensure(tx, "summary", talk, person.id, now=now)
    audit.note(tx, by, "outcome:record", "outcome", talk, at=now, talk=talk, version=saved.version)
    return outcomes.load(tx, talk)


def mark_not_held(tx: Tx, talk: str, reason: str, *, by: Scope, now: int) -> None:
    """Say by hand that the talk did not take place, and why; marking it again changes the reason only."""
    found = talks.get(tx, by, talk, "outcomes:write")
    if reason not in NOT_HELD_REASONS:
        field = FieldError("reason", "unknown", N_("Choose one of the choices."))
        raise look_again(field)
    if not may_become(found.state, "not-held") and found.state != "not-held":
        raise Conflict("wrong-state", N_("This talk has been cancelled, or no nurse has said yes to it yet."))
    if outcomes.load(tx, talk).version:
        raise Conflict("outcome-recorded", N_("An outcome has been recorded, so the talk was held."))
    outcomes.mark(tx, talk, "not-held", reason, now=now)
    audit.note(tx, by, "talk:not-held", "talk", talk, at=now, talk=talk, reason=reason)


def keep_draft(
    tx: Tx,
    talk: str,
    outcome: Outcome,
    *,
    base_version: int,
    suggested: Suggestion | None = None,
    by: Scope,
    now: int,
) -> None:
    """Keep what somebody has written so far, finished or not, for when they come back.

    `suggested` is what stood in the form when it was drawn, so that it can be told from what was said by hand.
    """
    talks.get(tx, by, talk, "outcomes:write")
    body = as_json(outcome)
    if suggested is not None:
        body["suggested"] = {"form": suggested.form, "present": list(suggested.present)}
    outcomes.keep_draft(tx, talk, by.actor, body, base_version, now=now)


def drop_draft(tx: Tx, talk: str, *, by: Scope) -> None:
    """Go back to what is saved."""
    talks.get(tx, by, talk, "outcomes:write")
    outcomes.drop_draft(tx, talk, by.actor)


def draft_of(tx: Tx, talk: str, *, by: Scope) -> Draft | None:
    """What this person had written and not saved."""
    talks.get(tx, by, talk, "outcomes:read")
    row = outcomes.draft(tx, talk, by.actor)
    if row is None:
        return None
    drawn = row["body"].get("suggested")
    suggested = None if drawn is None else Suggestion(drawn["form"], tuple(drawn["present"]))
    return Draft(from_json(row["body"]), row["base_version"], row["saved_at"], suggested)


def _suggestion(talk: Talk, facts: Facts) -> Suggestion:
    return Suggestion(form_of(facts.held) if facts.held else talk.intended_form, facts.present)


def _first(talk: Talk, saved: Outcome, suggested: Suggestion) -> Outcome:
    return replace(saved, form=suggested.form, present=suggested.present, contact=Contact(account=talk.nurse))


def _refuse_what_cannot_be_held(talk: Talk, by: Scope) -> None:
    if talk.state == "cancelled":
        raise Conflict("talk-cancelled", N_("This talk has been cancelled."))
    if talk.state == "asked":
        raise Conflict(
            "no-nurse", N_("No nurse has said yes to this talk yet. Record the outcome when one has.")
        )
    if talk.state == "not-held" and by.kind != "staff":
        # What a person said by hand, a program does not take back.
        raise Conflict(
            "marked-not-held",
            N_("Somebody has noted that this talk was not held. Only staff can change that."),
        )


def _versions(tx: Tx, talk: str, outcome: Outcome) -> dict[str, str]:
    """Which version of each offer the decisions are about: the one that was shown, else the one decided on before."""
    versions = catalogue.current_versions(tx, [one.offer for one in outcome.decisions])
    versions |= {offer: version for (offer, _), version in outcomes.decided_versions(tx, talk).items()}
    versions |= {row["offer"]: row["offer_version"] for row in showings.of_talk(tx, talk)}
    return versions


def _check(tx: Tx, talk: Talk, outcome: Outcome) -> None:
    errors: list[FieldError] = []

    def wrong(field: str, code: str, message: str) -> None:
        errors.append(FieldError(field, code, message))

    if outcome.form not in FORMS:
        wrong("form", "unknown", N_("Choose one of the choices."))
    for place, participant in enumerate(outcome.present):
        if talk.participant(participant) is None:
            wrong(f"present.{place}", "unknown", N_("Choose somebody who is on this talk."))
    known = catalogue.current_versions(tx, [one.offer for one in outcome.decisions])
    seen: set[tuple[str, str]] = set()
    for place, one in enumerate(outcome.decisions):
        if one.offer not in known:
            wrong(f"decisions.{place}.offer", "unknown", N_("There is no such offer in the catalogue."))
        if one.key in seen:
            wrong(f"decisions.{place}.offer", "twice", N_("There is already a decision on this offer."))
        seen.add(one.key)
        errors += _wrong_in(one, f"decisions.{place}.")
    themes = programmes.themes(tx, "en")
    for place, need in enumerate(outcome.unmet):
        if need.theme not in themes:
            wrong(f"unmet.{place}.theme", "unknown", N_("Choose themes from the list."))
    if outcome.follow_up_on is not None and not is_date(outcome.follow_up_on):
        wrong("follow_up_on", "not-a-date", N_("Choose a date."))
    if outcome.contact.account is not None and not _may_be_contact(tx, talk, outcome.contact):
        wrong("contact", "unknown", N_("Choose a contact person from the list."))
    refuse(errors)


def _wrong_in(one: Decision, field: str) -> list[FieldError]:
    choose = N_("Choose one of the choices.")
    errors = []
    if one.for_whom not in FOR_WHOM:
        errors.append(FieldError(field + "for", "unknown", choose))
    if one.decision is not None and one.decision not in CHOICES:
        errors.append(FieldError(field + "decision", "unknown", choose))
    if one.reason is not None and one.reason not in REASONS:
        errors.append(FieldError(field + "reason", "unknown", choose))
    elif one.reason is not None and one.decision != "declined":
        errors.append(
            FieldError(field + "reason", "misplaced", N_("A reason belongs to an offer that was declined."))
        )
    if one.ask_again is not None and not is_date(one.ask_again):
        errors.append(FieldError(field + "ask_again", "not-a-date", N_("Choose a date.")))
    elif one.ask_again is not None and one.decision != "undecided":
        message = N_("A date to ask again belongs to somebody who wants to think.")
        errors.append(FieldError(field + "ask_again", "misplaced", message))
    return errors


def _may_be_contact(tx: Tx, talk: Talk, contact: Contact) -> bool:
    return contact.account in {nurse["id"] for nurse in accounts.nurses_of(tx, talk.team)}
