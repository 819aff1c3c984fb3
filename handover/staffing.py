"""Set up who works where: accounts, wards and teams, working hours, absences, and people who leave."""

from __future__ import annotations

from dataclasses import dataclass

from handover.domain import presses
from handover.domain.access import ROLES_IN, Role, Scope
from handover.domain.weeks import overlapping
from handover.errors import N_, Conflict, FieldError, Invalid, NotFound, look_again
from handover.organising import own_unit, stale
from handover.store import accounts, audit, one_time_links, outbox, photos, places, sessions
from handover.store.engine import Row, Tx

LANGUAGES = ("da", "nb", "en")

Week = dict[int, list[tuple[int, int]]]


@dataclass(frozen=True)
class WantedAccount:
    """A new staff account; `units` are the wards or teams they work in."""

    organisation: str
    role: Role
    name: str
    email: str
    password_hash: str | None = None
    units: tuple[str, ...] = ()
    title: str = ""
    phone: str = ""
    hours: str = ""
    language: str | None = None


@dataclass(frozen=True)
class Particulars:
    """What can be changed about somebody; `units` None leaves them where they work."""

    name: str
    title: str
    phone: str
    hours: str
    language: str
    email: str | None = None
    units: tuple[str, ...] | None = None


def add_account(tx: Tx, wanted: WantedAccount, *, by: Scope, now: int) -> str:
    """Add a staff account and return its id. An address that is taken is a `Conflict`, never an update."""
    by.require("accounts")
    owner = places.organisation(tx, wanted.organisation)
    if owner is None or not by.administers(owner["id"]):
        raise NotFound()
    if wanted.role not in ROLES_IN[owner["kind"]]:
        raise _wrong("role", "unknown", N_("Nobody has this role in an organisation of this kind."))
    _address_is_free(tx, wanted.email)
    _own_units(tx, owner["id"], wanted.units)
    account = accounts.add(
        tx,
        organisation=owner["id"],
        role=wanted.role,
        name=wanted.name,
        title=wanted.title,
        email=wanted.email.lower(),
        phone=wanted.phone,
        hours=wanted.hours,
        language=wanted.language or owner["language"],
        password_hash=wanted.password_hash,
        now=now,
    )
    for unit in wanted.units:
        accounts.join_unit(tx, account, unit)
    audit.note(tx, by, "account:add", "account", account, at=now, role=wanted.role)
    return account


def invite(tx: Tx, wanted: WantedAccount, *, by: Scope, now: int) -> str:
    """Add an account and send its owner a link to choose a password. Pressing twice adds one and writes once."""
    twin = accounts.by_email(tx, wanted.email)
    if (
        twin is not None
        and by.administers(twin["organisation"])
        and (twin["organisation"], twin["role"], twin["name"])
        == (wanted.organisation, wanted.role, wanted.name)
        and twin["disabled_at"] is None
        and twin["created_at"] >= presses.since(now)
    ):
        return str(twin["id"])
    account = add_account(tx, wanted, by=by, now=now)
    outbox.write_letter(tx, "password", account=account, now=now)
    return account


def edit_account(tx: Tx, account: str, version: int, wanted: Particulars, *, by: Scope, now: int) -> None:
    """Change somebody's particulars: their own, or an administrator's people's address and units too."""
    before = _own_or_administered(tx, account, by)
    theirs = by.administers(before["organisation"])
    email = (wanted.email or before["email"]).lower() if theirs else before["email"]
    if email != before["email"]:
        _address_is_free(tx, email)
    if not accounts.edit(
        tx,
        account,
        version,
        name=wanted.name,
        title=wanted.title,
        email=email,
        phone=wanted.phone,
        hours=wanted.hours,
        language=wanted.language,
    ):
        raise stale()
    if theirs and wanted.units is not None:
        _own_units(tx, before["organisation"], wanted.units)
        accounts.work_in(tx, account, before["organisation"], wanted.units)
    audit.note(tx, by, "account:edit", "account", account, at=now)


def share_nurse(tx: Tx, team: str, email: str, *, by: Scope, now: int) -> str:
    """Let a nurse of another municipality be booked by this team too, with the one calendar they have."""
    unit, nurse = own_unit(tx, team, by), accounts.by_email(tx, email)
    if (
        nurse is None
        or nurse["role"] != "nurse"
        or nurse["disabled_at"] is not None
        or unit["kind"] != "team"
    ):
        raise _wrong(
            "email", "unknown", N_("There is no nurse with this address. Ask their own administrator.")
        )
    accounts.join_unit(tx, nurse["id"], team)
    audit.note(tx, by, "account:share", "account", nurse["id"], at=now, unit=team)
    return str(nurse["id"])


def stop_sharing_nurse(tx: Tx, team: str, account: str, *, by: Scope, now: int) -> None:
    """Book another municipality's nurse no longer; talks that are booked stay."""
    own_unit(tx, team, by)
    accounts.leave_unit(tx, account, team)
    audit.note(tx, by, "account:stop-sharing", "account", account, at=now, unit=team)


def set_working_week(tx: Tx, account: str, week: Week, zone: str, *, by: Scope, now: int) -> None:
    """Say when a nurse can be booked: weekday (0 Monday) -> periods in minutes from local midnight."""
    _administered(tx, account, by)
    for day, periods in week.items():
        if any(start >= end for start, end in periods) or overlapping(periods):
            raise _wrong(f"day-{day}", "unusable", N_("Write periods one after the other."))
    accounts.set_working_hours(tx, account, week, zone)
    audit.note(tx, by, "account:working-hours", "account", account, at=now)


def add_absence(
    tx: Tx, account: str, starts_at: int, ends_at: int, *, anyway: bool = False, by: Scope, now: int
) -> str:
    """Take somebody out of the calendar for a while, by themselves or their administrator; returns an id.

    Where talks are booked in that time it is a `Conflict` that lists them, until `anyway`: they stay with the nurse
    until somebody moves them or gives them to a colleague. Entering the same time again enters nothing more.
    """
    _own_or_administered(tx, account, by)
    if starts_at >= ends_at:
        raise _wrong("until", "before-start", N_("The last day cannot be before the first."))
    if ends_at <= now:
        raise _wrong("until", "past", N_("This time is over."))
    meanwhile = accounts.future_talks(tx, account, starts_at, ends_at)
    if meanwhile and not anyway:
        raise Conflict(
            "talks-booked",
            N_("Talks are booked in this time. Look at them before you go on."),
            {"talks": meanwhile},
        )
    for entered in accounts.absences_of(tx, account, now):
        if (entered["starts_at"], entered["ends_at"]) == (starts_at, ends_at):
            return str(entered["id"])
    absence = accounts.add_absence(tx, account, starts_at, ends_at, entered_by=by.actor, now=now)
    audit.note(tx, by, "absence:add", "account", account, at=now, talks=len(meanwhile))
    return absence


def end_absence(tx: Tx, absence: str, *, by: Scope, now: int) -> None:
    """Put somebody back into the calendar; doing it twice changes nothing."""
    account = accounts.absent(tx, absence)
    if account is None:
        return
    _own_or_administered(tx, account, by)
    accounts.remove_absence(tx, absence)
    audit.note(tx, by, "absence:remove", "account", account, at=now)


def reset_password(tx: Tx, account: str, *, by: Scope, now: int) -> None:
    """Sign somebody out everywhere and send them a link to choose a new password."""
    forget_password(tx, account, by=by, now=now)
    outbox.write_letter(tx, "password", account=account, now=now)


def forget_password(tx: Tx, account: str, *, by: Scope, now: int) -> None:
    """Sign somebody out everywhere; they come in again by a link only."""
    found = _administered(tx, account, by)
    if found["disabled_at"] is not None:
        raise NotFound()
    accounts.set_password(tx, account, None)
    sessions.close_sessions_of(tx, account)
    one_time_links.end_of_account(tx, account)
    audit.note(tx, by, "account:reset", "account", account, at=now)


def set_photo(tx: Tx, account: str, media_type: str, content: bytes, *, by: Scope, now: int) -> str:
    """Show this face to patients when its owner is their contact person; returns the photo's id."""
    _own_or_administered(tx, account, by)
    photo = photos.put(tx, account, media_type, content, now=now)
    audit.note(tx, by, "account:photo", "account", account, at=now)
    return photo


def remove_photo(tx: Tx, account: str, *, by: Scope, now: int) -> None:
    """Show no face; doing it twice changes nothing."""
    _own_or_administered(tx, account, by)
    photos.remove(tx, account)
    audit.note(tx, by, "account:no-photo", "account", account, at=now)


def _administered(tx: Tx, account: str, by: Scope) -> Row:
    """An account that they set up; `NotFound` otherwise."""
    by.require("accounts")
    found = accounts.by_id(tx, account)
    if found is None or not by.administers(found["organisation"]):
        raise NotFound()
    return found


def _own_or_administered(tx: Tx, account: str, by: Scope) -> Row:
    """Their own account, or one that they set up; `NotFound` otherwise."""
    found = accounts.by_id(tx, account)
    own = by.kind == "staff" and by.actor == account
    if found is None or not (own or by.administers(found["organisation"])):
        raise NotFound()
    return found


def _own_units(tx: Tx, organisation: str, units: tuple[str, ...]) -> None:
    known = {row["id"] for kind in ("ward", "team") for row in places.units_of(tx, organisation, kind)}
    if not known.issuperset(units):
        raise _wrong("units", "unknown", N_("Choose one of the choices."))


def _address_is_free(tx: Tx, email: str) -> None:
    if accounts.by_email(tx, email) is not None:
        raise Conflict("email-taken", N_("There is already an account with {email}."), email=email)


def _wrong(field: str, code: str, message: str) -> Invalid:
    return look_again(FieldError(field, code, message))
