"""The two sides of a talk: which ward books, and which team it may book."""

from __future__ import annotations

from handover.domain.timetable import Team
from handover.store.engine import Row, Tx
from handover.store.scoping import in_list

_AGREED = """
    (o.id = b.id or exists (
        select 1 from agreements g
        where g.hospital = b.id and g.municipality = o.id and g.since <= :today
            and (g.until is null or g.until > :today)))
"""


def pairs(tx: Tx, booker: str, municipality: str, today: str, *, ward: str | None, account: str) -> list[Row]:
    """Each team of the municipality that the organisation may book today, with each of its wards of this id or name
    (all wards for None; a row without one where it has none), and the account that books, if it is one.

    The team's id, name, phone, notice_minutes, horizon_days, zone, country, municipality_name; booker_name,
    booker_zone, booker_phone; ward, ward_name, ward_phone; account, account_name, email, account_phone, language.
    """
    return tx.all(
        f"""
        select u.id, u.name, u.phone, u.notice_minutes, u.horizon_days, o.zone, o.country,
            m.name as municipality_name, b.name as booker_name, b.zone as booker_zone, b.phone as booker_phone,
            w.id as ward, w.name as ward_name, coalesce(nullif(w.phone, ''), b.phone) as ward_phone,
            a.id as account, a.name as account_name, a.email, a.phone as account_phone, a.language
        from organisations b
        join organisations o on o.municipality = :municipality
        join municipalities m on m.code = o.municipality
        join units u on u.organisation = o.id and u.kind = 'team' and u.valid_to is null
        left join units w on w.organisation = b.id and w.kind = 'ward' and w.valid_to is null
            and (cast(:ward as text) is null or w.id = :ward or w.name = :ward)
        left join accounts a on a.id = :account
        where b.id = :booker and {_AGREED}
        order by u.name, u.id
        """,
        booker=booker,
        municipality=municipality,
        today=today,
        ward=ward,
        account=account,
    )


def teams(tx: Tx, booker: str, municipality: str, today: str) -> list[Row]:
    """The teams of a municipality that an organisation may book today, its own or by agreement: id, name, phone, zone,
    country, notice_minutes, horizon_days, municipality_name."""
    return tx.all(
        f"""
        select u.id, u.name, u.phone, o.zone, o.country, u.notice_minutes, u.horizon_days,
            m.name as municipality_name
        from organisations b
        join organisations o on o.municipality = :municipality
        join municipalities m on m.code = o.municipality
        join units u on u.organisation = o.id and u.kind = 'team' and u.valid_to is null
        where b.id = :booker and {_AGREED}
        order by u.name, u.id
        """,
        booker=booker,
        municipality=municipality,
        today=today,
    )


def team(tx: Tx, team_id: str) -> Team:
    """How a team can be booked."""
    row = tx.tuples(
        """
        select u.id, o.zone, o.country, u.notice_minutes, u.horizon_days
        from units u join organisations o on o.id = u.organisation where u.id = :team
        """,
        team=team_id,
    )[0]
    return Team(*row)


def colleagues(tx: Tx, unit: str, emails: list[str]) -> dict[str, Row]:
    """The accounts of a ward or team by e-mail: id, name, email, phone, language."""
    names, params = in_list("email", emails)
    rows = tx.all(
        f"""
        select a.id, a.name, a.email, a.phone, a.language
        from memberships m join accounts a on a.id = m.account
        where m.unit = :unit and a.disabled_at is null and a.email in {names}
        """,
        unit=unit,
        **params,
    )
    return {row["email"]: row for row in rows}
