"""Organisations, wards and teams, municipalities, and who books whom."""

from __future__ import annotations

from handover.store.engine import Row, Tx


def add_municipalities(tx: Tx, rows: list[Row]) -> None:
    """Put municipalities (code, country, name, region, valid_from) in; known codes are left as they are."""
    tx.run_many(
        """
        insert into municipalities (code, country, name, region, valid_from)
        values (:code, :country, :name, :region, :valid_from) on conflict (code) do nothing
        """,
        rows,
    )


def municipality(tx: Tx, code: str) -> Row | None:
    """One municipality by its code."""
    return tx.one("select * from municipalities where code = :code", code=code)


def municipalities(tx: Tx) -> list[Row]:
    """All municipalities in force: code, country, name, region."""
    return tx.all(
        "select code, country, name, region from municipalities where valid_to is null order by name, code"
    )


def add_organisation(tx: Tx, **row: object) -> str:
    """A new organisation; returns its id."""
    organisation = tx.new_id()
    tx.run(
        """
        insert into organisations (id, kind, name, country, zone, language, municipality, phone, valid_from,
            created_at)
        values (:id, :kind, :name, :country, :zone, :language, :municipality, :phone, :valid_from, :now)
        """,
        id=organisation,
        **row,
    )
    return organisation


def organisation(tx: Tx, id_or_name: str) -> Row | None:
    """An organisation by its id or its exact name."""
    return tx.one("select * from organisations where id = :key or name = :key", key=id_or_name)


def organisations(tx: Tx) -> list[Row]:
    """Every organisation in force."""
    return tx.all("select * from organisations where valid_to is null order by kind, name")


def organisations_with_units(tx: Tx) -> list[Row]:
    """Every organisation in force: id, kind, name, and the names of its wards or teams in one text."""
    found = tx.all(
        """
        select o.id, o.kind, o.name, u.name as unit from organisations o
        left join units u on u.organisation = o.id and u.valid_to is null
        where o.valid_to is null order by o.kind, o.name, u.name
        """
    )
    rows: dict[str, Row] = {}
    for row in found:
        one = rows.setdefault(
            row["id"], {"id": row["id"], "kind": row["kind"], "name": row["name"], "units": ""}
        )
        if row["unit"]:
            one["units"] += f"{', ' if one['units'] else ''}{row['unit']}"
    return list(rows.values())


def add_unit(tx: Tx, organisation_id: str, kind: str, name: str, phone: str, *, now: int) -> str:
    """A new ward or team; returns its id."""
    unit = tx.new_id()
    tx.run(
        """
        insert into units (id, organisation, kind, name, phone, created_at)
        values (:id, :organisation, :kind, :name, :phone, :now)
        """,
        id=unit,
        organisation=organisation_id,
        kind=kind,
        name=name,
        phone=phone,
        now=now,
    )
    return unit


def unit(tx: Tx, unit_id: str) -> Row | None:
    """One ward or team with its organisation's name, kind, country, zone and municipality."""
    return tx.one(
        """
        select u.*, o.name as organisation_name, o.kind as organisation_kind, o.country, o.zone, o.language,
            o.municipality
        from units u join organisations o on o.id = u.organisation where u.id = :unit
        """,
        unit=unit_id,
    )


def units_of(tx: Tx, organisation_id: str, kind: str) -> list[Row]:
    """The wards, or the teams, of an organisation in force."""
    return tx.all(
        """
        select id, name, phone, notice_minutes, horizon_days, version from units
        where organisation = :organisation and kind = :kind and valid_to is null order by name
        """,
        organisation=organisation_id,
        kind=kind,
    )


def edit_organisation(tx: Tx, organisation_id: str, version: int, *, name: str, phone: str) -> bool:
    """Change an organisation's name and phone; False when somebody else changed it first."""
    changed = tx.run(
        """
        update organisations set name = :name, phone = :phone, version = version + 1
        where id = :organisation and version = :version
        """,
        organisation=organisation_id,
        version=version,
        name=name,
        phone=phone,
    )
    return changed == 1


def edit_unit(
    tx: Tx, unit_id: str, version: int, *, name: str, phone: str, notice_minutes: int, horizon_days: int
) -> bool:
    """Change a ward or team; False when somebody else changed it first."""
    changed = tx.run(
        """
        update units set name = :name, phone = :phone, notice_minutes = :notice_minutes,
            horizon_days = :horizon_days, version = version + 1
        where id = :unit and version = :version
        """,
        unit=unit_id,
        version=version,
        name=name,
        phone=phone,
        notice_minutes=notice_minutes,
        horizon_days=horizon_days,
    )
    return changed == 1


def unit_named(tx: Tx, organisation_id: str, name: str) -> str | None:
    """The id of the organisation's ward or team with this exact name, closed ones too."""
    found = tx.value(
        "select id from units where organisation = :organisation and name = :name",
        organisation=organisation_id,
        name=name,
    )
    return None if found is None else str(found)


def unit_added(tx: Tx, organisation_id: str, name: str, phone: str, *, since: int) -> str | None:
    """The id of the ward or team that was added at `since` or later with this name and phone."""
    found = tx.value(
        """
        select id from units where organisation = :organisation and name = :name and phone = :phone
            and created_at >= :since and valid_to is null
        """,
        organisation=organisation_id,
        name=name,
        phone=phone,
        since=since,
    )
    return None if found is None else str(found)


def agreements_of(tx: Tx, municipality_organisation: str, country: str) -> list[Row]:
    """Every hospital of the country with `since` and `until` of its agreement with this municipality, if any."""
    return tx.all(
        """
        select o.id, o.name, g.since, g.until from organisations o
        left join agreements g on g.hospital = o.id and g.municipality = :municipality
        where o.kind = 'hospital' and o.country = :country and o.valid_to is null order by o.name
        """,
        municipality=municipality_organisation,
        country=country,
    )


def end_agreement(tx: Tx, hospital: str, municipality_organisation: str, until: str) -> None:
    """From `until` (YYYY-MM-DD) the hospital books no new talks with this municipality."""
    tx.run(
        "update agreements set until = :until where hospital = :hospital and municipality = :municipality",
        hospital=hospital,
        municipality=municipality_organisation,
        until=until,
    )


def agree(tx: Tx, hospital: str, municipality_organisation: str, since: str) -> None:
    """From `since` (YYYY-MM-DD) the hospital's wards may book the municipality's team.

    Twice changes nothing; an agreement that was ended begins again.
    """
    tx.run(
        """
        insert into agreements (hospital, municipality, since) values (:hospital, :municipality, :since)
        on conflict (hospital, municipality) do update set since = excluded.since, until = null
            where agreements.until is not null
        """,
        hospital=hospital,
        municipality=municipality_organisation,
        since=since,
    )


def bookable_teams(tx: Tx, hospital: str, today: str) -> list[Row]:
    """The teams this hospital may book today: unit id, team and organisation names, municipality code, zone, phone."""
    return tx.all(
        """
        select u.id, u.name, u.phone, u.notice_minutes, u.horizon_days, o.id as organisation,
            o.name as organisation_name, o.municipality, o.country, o.zone, m.name as municipality_name
        from agreements g
        join organisations o on o.id = g.municipality
        join units u on u.organisation = o.id and u.kind = 'team' and u.valid_to is null
        join municipalities m on m.code = o.municipality
        where g.hospital = :hospital and g.since <= :today and (g.until is null or g.until > :today)
        order by m.name, u.name
        """,
        hospital=hospital,
        today=today,
    )


def add_collaboration(
    tx: Tx, collaboration: str, name: str, country: str, codes: list[str], since: str
) -> None:
    """Municipalities that share their offers; naming one twice changes nothing."""
    tx.run_many(
        """
        insert into collaboration_members (collaboration, municipality, name, country, valid_from)
        values (:collaboration, :municipality, :name, :country, :since)
        on conflict (collaboration, municipality) do nothing
        """,
        [
            {
                "collaboration": collaboration,
                "municipality": code,
                "name": name,
                "country": country,
                "since": since,
            }
            for code in codes
        ],
    )
