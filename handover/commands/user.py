"""`handover user`: staff accounts."""

from __future__ import annotations

import secrets
from typing import cast

import click

from handover import choosing_password, leaving, staffing
from handover.commands.common import CommandError, existing_store, wall_clock
from handover.domain.access import OPERATOR, ROLES, Role
from handover.settings import Settings
from handover.staffing import WantedAccount
from handover.store import accounts, places
from handover.store.engine import Row, Tx
from handover.store.sqlite import SqliteStore


@click.group("user", epilog="Example: handover user reset bo@kommune.example")
def command() -> None:
    """Add staff, let them choose a new password, close their account."""


@command.command(
    "add",
    epilog="""\b
Example:
  handover user add bo@kommune.example --name "Bo Madsen" --role nurse \\
      --organisation "Sønderborg Kommune" --unit Kræftteamet""",
)
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--organisation", required=True, help="Id or exact name.")
@click.option(
    "--unit", "units", multiple=True, help="A ward or team they work in, by name; may be given again."
)
@click.option("--title", default="")
@click.option("--phone", default="")
def add(
    email: str, name: str, role: str, organisation: str, units: tuple[str, ...], title: str, phone: str
) -> None:
    """Add an account; a link is printed with which its owner chooses a password."""
    settings = Settings.load()
    with existing_store(settings) as store:
        token = secrets.token_urlsafe(32)

        def story(tx: Tx, now: int) -> None:
            owner = _organisation(tx, organisation)
            wanted = WantedAccount(
                owner["id"],
                cast(Role, role),
                name,
                email,
                units=tuple(_unit(tx, owner, unit) for unit in units),
                title=title,
                phone=phone,
            )
            choosing_password.issue_link(
                tx, staffing.add_account(tx, wanted, by=OPERATOR, now=now), token, now=now
            )

        store.write_now(story, now=wall_clock())
    _tell_link(settings, token, email)


@command.command("reset", epilog="Example: handover user reset bo@kommune.example")
@click.argument("email")
def reset(email: str) -> None:
    """Sign somebody out everywhere; a link is printed with which they choose a new password."""
    settings = Settings.load()
    with existing_store(settings) as store:
        account, token, now = _account(store, email), secrets.token_urlsafe(32), wall_clock()

        def story(tx: Tx) -> None:
            staffing.forget_password(tx, account["id"], by=OPERATOR, now=now)
            choosing_password.issue_link(tx, account["id"], token, now=now)

        store.write_now(story)
    _tell_link(settings, token, email)


@command.command(
    "disable",
    epilog="Example: handover user disable bo@kommune.example --successor birgit@kommune.example",
)
@click.argument("email")
@click.option(
    "--successor", metavar="EMAIL", help="Who takes over planned talks and is the contact person from now on."
)
@click.option(
    "--anyway", is_flag=True, help="Nobody in particular: talks go to free colleagues, or the ward is told."
)
def disable(email: str, successor: str | None, anyway: bool) -> None:
    """Close somebody's account and sign them out everywhere."""
    with existing_store(Settings.load()) as store:
        account = _account(store, email)["id"]
        follower = _account(store, successor)["id"] if successor else None
        now = wall_clock()
        left = store.write_now(leaving.leave, account, follower, anyway=anyway, by=OPERATOR, now=now)
    print(f"Closed. Talks handed over: {left.handed_over}. Talks without a nurse now: {left.without_nurse}.")


def _tell_link(settings: Settings, token: str, email: str) -> None:
    click.echo(f"Give this link to {email}; it works once, for three days:", err=True)
    print(f"{settings.base_url}/password/{token}")


def _account(store: SqliteStore, email: str) -> Row:
    found = store.read_now(accounts.by_email, email)
    if found is None:
        raise CommandError(f"There is no account with {email}.")
    return found


def _organisation(tx: Tx, wanted: str) -> Row:
    found = places.organisation(tx, wanted)
    if found is None:
        raise CommandError(f"There is no organisation {wanted}; see: handover organisation list")
    return found


def _unit(tx: Tx, organisation: Row, name: str) -> str:
    found = places.unit_named(tx, organisation["id"], name)
    if found is None:
        raise CommandError(
            f"{organisation['name']} has no ward or team called {name}; see: handover organisation list"
        )
    return found
