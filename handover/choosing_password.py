"""Choose a password: by the link that was sent, or by knowing the one before. Either way all other sessions end."""

from __future__ import annotations

from handover.domain.access import Scope
from handover.domain.passwords import LINK_LASTS, SHORTEST, trouble_with
from handover.errors import N_, Expired, FieldError, NotFound, look_again
from handover.store import accounts, audit, one_time_links, sessions
from handover.store.engine import Row, Tx

_TROUBLES = {
    "too-short": N_(
        "Use at least {shortest} characters. A few words that only you would put together are good."
    ),
    "too-long": N_("That is too long to keep. Use fewer characters."),
    "common": N_("Many people would guess this one. Put a few unlikely words together instead."),
    "address": N_("Do not use your own address or name as the password."),
}


def refuse_weak(password: str, email: str, field: str = "password") -> None:
    """Raise `Invalid` unless the password is good enough for this person."""
    trouble = trouble_with(password, email)
    if trouble is not None:
        wrong = FieldError(field, trouble, _TROUBLES[trouble], (("shortest", str(SHORTEST)),))
        raise look_again(wrong)


def issue_link(tx: Tx, account: str, token: str, *, now: int) -> None:
    """Make `token` (256 random bits) good for choosing this account's password once."""
    one_time_links.issue(tx, token, "password", account, now=now, expires_at=now + LINK_LASTS)


def whose_link(tx: Tx, token: str, *, now: int) -> Row:
    """The account that a link is for. Raises `Expired` alike for wrong, used and old ones."""
    link = one_time_links.find(tx, token, "password", now=now)
    account = accounts.by_id(tx, link["account"]) if link and link["account"] else None
    if account is None or account["disabled_at"] is not None:
        raise Expired(
            "link-expired", N_("This link no longer works. Ask your administrator to send you a new one.")
        )
    return account


def choose_password(tx: Tx, token: str, password_hash: str, *, now: int) -> str:
    """Keep the new password, use up the link and end every session; returns the account's id."""
    account = whose_link(tx, token, now=now)
    one_time_links.use(tx, token, now=now)
    _keep(tx, account["id"], password_hash, now=now)
    return str(account["id"])


def change_password(tx: Tx, password_hash: str, *, by: Scope, now: int) -> None:
    """Keep one's own new password and end every session; the caller opens a new one for this browser."""
    if by.kind != "staff":
        raise NotFound()
    _keep(tx, by.actor, password_hash, now=now)


def _keep(tx: Tx, account: str, password_hash: str, *, now: int) -> None:
    accounts.set_password(tx, account, password_hash)
    sessions.close_sessions_of(tx, account)
    one_time_links.end_of_account(tx, account)
    owner = sessions.staff_scope(tx, account)
    assert owner is not None
    audit.note(tx, owner, "account:password", "account", account, at=now)
