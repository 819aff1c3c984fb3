"""Accounts: who may sign in, where they work."""

from __future__ import annotations

from handover.store.engine import Row, Tx

NEVER = 2**62  # an instant that does not come


def by_email(tx: Tx, email: str) -> Row | None:
    """The account with this address, disabled ones too; addresses differ by more than case never."""
    return tx.one("select * from accounts where email = :email", email=email.lower())


def by_id(tx: Tx, account: str) -> Row | None:
    """One account."""
    return tx.one("select * from accounts where id = :account", account=account)


def count(tx: Tx) -> int:
    """How many people have accounts; none means that the service has not been set up."""
    return int(tx.value("select count(*) from accounts where not lower(id) like 'smoke-call-%'"))


def add(tx: Tx, **row: object) -> str:
    """A new account; returns its id."""
    account = tx.new_id()
    tx.run(
        """
        insert into accounts (id, organisation, role, name, title, email, phone, hours, language, password_hash,
            created_at)
        values (:id, :organisation, :role, :name, :title, :email, :phone, :hours, :language, :password_hash, :now)
        """,
        id=account,
        **row,
    )
    return account


def join_unit(tx: Tx, account: str, unit: str) -> None:
    """Let an account work in a ward or team; a nurse may serve several teams with one calendar."""
    tx.run(
        "insert into memberships (account, unit) values (:account, :unit) on conflict (account, unit) do nothing",
        account=account,
        unit=unit,
    )


def nurses_of(tx: Tx, team: str) -> list[Row]:
    """The bookable nurses of a team: id, name, title, email, phone, hours, photo, language."""
    return tx.all(
        """
        select a.id, a.name, a.title, a.email, a.phone, a.hours, a.photo, a.language
        from memberships m join accounts a on a.id = m.account
        where m.unit = :team and a.role = 'nurse' and a.disabled_at is null order by a.name, a.id
        """,
        team=team,
    )


def set_working_hours(tx: Tx, account: str, week: dict[int, list[tuple[int, int]]], zone: str) -> None:
    """Replace the weekly pattern: weekday (0 Monday) -> periods in minutes from local midnight."""
    tx.run("delete from working_hours where account = :account", account=account)
    tx.run_many(
        """
        insert into working_hours (account, weekday, from_minute, to_minute, zone)
        values (:account, :weekday, :from_minute, :to_minute, :zone)
        """,
        [
            {"account": account, "weekday": day, "from_minute": start, "to_minute": end, "zone": zone}
            for day, periods in week.items()
            for start, end in periods
        ],
    )


def add_absence(tx: Tx, account: str, starts_at: int, ends_at: int, *, entered_by: str, now: int) -> str:
    """Time in which an account cannot be booked; returns the absence's id."""
    absence = tx.new_id()
    tx.run(
        """
        insert into absences (id, account, starts_at, ends_at, entered_by, created_at)
        values (:id, :account, :starts_at, :ends_at, :entered_by, :now)
        """,
        id=absence,
        account=account,
        starts_at=starts_at,
        ends_at=ends_at,
        entered_by=entered_by,
        now=now,
    )
    return absence


def absent(tx: Tx, absence: str) -> str | None:
    """Whose absence this is."""
    found = tx.value("select account from absences where id = :absence", absence=absence)
    return None if found is None else str(found)


def remove_absence(tx: Tx, absence: str) -> None:
    """Forget an absence."""
    tx.run("delete from absences where id = :absence", absence=absence)


def absences_of(tx: Tx, account: str, now: int) -> list[Row]:
    """Absences that are not over: id, starts_at, ends_at."""
    return tx.all(
        """
        select id, starts_at, ends_at from absences where account = :account and ends_at > :now order by starts_at
        """,
        account=account,
        now=now,
    )


def working_hours_of(tx: Tx, account: str) -> list[Row]:
    """The weekly pattern: weekday, from_minute, to_minute, zone."""
    return tx.all(
        """
        select weekday, from_minute, to_minute, zone from working_hours where account = :account
        order by weekday, from_minute
        """,
        account=account,
    )


def future_talks(tx: Tx, account: str, start: int, end: int | None = None) -> list[Row]:
    """Planned talks of a nurse that touch [start, end): id, starts_at, ends_at, zone, ward_name."""
    return tx.all(
        """
        select t.id, t.starts_at, t.ends_at, t.zone, coalesce(u.name, '') as ward_name
        from talks t left join units u on u.id = t.ward
        where t.nurse = :account and t.state in ('booked', 'confirmed') and t.ends_at > :start
            and t.starts_at < :until
        order by t.starts_at, t.id
        """,
        account=account,
        start=start,
        until=NEVER if end is None else end,
    )


def edit(
    tx: Tx,
    account: str,
    version: int,
    *,
    name: str,
    title: str,
    email: str,
    phone: str,
    hours: str,
    language: str,
) -> bool:
    """Change somebody's particulars; False when somebody else changed them first."""
    changed = tx.run(
        """
        update accounts set name = :name, title = :title, email = :email, phone = :phone, hours = :hours,
            language = :language, version = version + 1
        where id = :account and version = :version
        """,
        account=account,
        version=version,
        name=name,
        title=title,
        email=email,
        phone=phone,
        hours=hours,
        language=language,
    )
    return changed == 1


def set_password(tx: Tx, account: str, password_hash: str | None) -> None:
    """Keep a new password's hash; with None nobody signs in until one is chosen."""
    tx.run(
        "update accounts set password_hash = :password_hash where id = :account",
        account=account,
        password_hash=password_hash,
    )


def disable(tx: Tx, account: str, *, now: int) -> None:
    """Close an account; it stays as the author of what was done."""
    tx.run(
        """
        update accounts set disabled_at = :now, password_hash = null, version = version + 1
        where id = :account and disabled_at is null
        """,
        account=account,
        now=now,
    )


def of_organisation(tx: Tx, organisation: str) -> list[Row]:
    """Everybody of an organisation, those in use first."""
    return tx.all(
        """
        select id, role, name, title, email, phone, disabled_at, password_hash is not null as has_password
        from accounts where organisation = :organisation
        order by case when disabled_at is null then 0 else 1 end, name, id
        """,
        organisation=organisation,
    )


def all_in_use(tx: Tx) -> list[Row]:
    """Everybody who can sign in: email, name, role, organisation_name. For a demo's sign-in page."""
    return tx.all(
        """
        select a.email, a.name, a.role, o.name as organisation_name
        from accounts a join organisations o on o.id = a.organisation
        where a.disabled_at is null and a.password_hash is not null order by a.created_at, a.id
        """
    )


def administrators(tx: Tx, organisation: str) -> int:
    """How many can set up the organisation."""
    return int(
        tx.value(
            """
            select count(*) from accounts
            where organisation = :organisation and role = 'administrator' and disabled_at is null
            """,
            organisation=organisation,
        )
    )


def units_of(tx: Tx, account: str) -> list[Row]:
    """Where somebody works: unit id, name, organisation."""
    return tx.all(
        """
        select u.id, u.name, u.organisation, o.name as organisation_name
        from memberships m join units u on u.id = m.unit join organisations o on o.id = u.organisation
        where m.account = :account order by u.name
        """,
        account=account,
    )


def nurses_without_hours(tx: Tx, organisation: str) -> list[Row]:
    """Nurses whom nobody can book, since nobody has said when they work: id, name."""
    return tx.all(
        """
        select a.id, a.name from accounts a
        where a.organisation = :organisation and a.role = 'nurse' and a.disabled_at is null
            and not exists (select 1 from working_hours h where h.account = a.id)
        order by a.name, a.id
        """,
        organisation=organisation,
    )


def shared_nurses(tx: Tx, organisation: str) -> list[Row]:
    """Other organisations' nurses who serve a team here: id, name, organisation_name, unit, unit_name."""
    return tx.all(
        """
        select a.id, a.name, o.name as organisation_name, u.id as unit, u.name as unit_name
        from memberships m
        join units u on u.id = m.unit
        join accounts a on a.id = m.account
        join organisations o on o.id = a.organisation
        where u.organisation = :organisation and a.organisation <> :organisation and a.disabled_at is null
        order by a.name, u.name
        """,
        organisation=organisation,
    )


def leave_unit(tx: Tx, account: str, unit: str) -> None:
    """Let an account work in a ward or team no longer."""
    tx.run("delete from memberships where account = :account and unit = :unit", account=account, unit=unit)


def work_in(tx: Tx, account: str, organisation: str, units: tuple[str, ...]) -> None:
    """Make these the account's wards or teams in this organisation; elsewhere nothing changes."""
    tx.run(
        """
        delete from memberships where account = :account
            and unit in (select id from units where organisation = :organisation)
        """,
        account=account,
        organisation=organisation,
    )
    tx.run_many(
        "insert into memberships (account, unit) values (:account, :unit)",
        [{"account": account, "unit": unit} for unit in dict.fromkeys(units)],
    )
