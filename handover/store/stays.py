"""Who was there, from when until when, and in which form people talked; nothing of what was said."""

from __future__ import annotations

from collections.abc import Mapping, Set

from handover.domain.presence import Run, Stay, Way
from handover.store.engine import Row, Tx


def of_talk(tx: Tx, talk: str) -> list[Stay]:
    """Every stay of people in the talk, in the order in which they came. The ward's tablet is nobody."""
    return [
        Stay(*row)
        for row in tx.tuples(
            """
            select y.seat, y.participant, coalesce(a.name, nullif(s.name, ''), p.name, ''), y.way,
                y.joined_at, y.seen_at, y.left_at
            from stays y
            left join participants p on p.id = y.participant
            left join seats s on s.participant = y.participant
            left join accounts a on a.id = coalesce(p.account, y.account)
            where y.talk = :talk and (y.participant is not null or y.account is not null)
            order by y.joined_at, y.id
            """,
            talk=talk,
        )
    ]


def open_stay(tx: Tx, talk: str, seat: str, way: Way) -> Row | None:
    """The stay that has not ended yet: id, joined_at, seen_at."""
    return tx.one(
        """
        select id, joined_at, seen_at from stays
        where talk = :talk and seat = :seat and way = :way and left_at is null
        """,
        talk=talk,
        seat=seat,
        way=way,
    )


def here(tx: Tx, talk: str, way: Way) -> frozenset[str]:
    """The seats whose stay by this way has not ended."""
    rows = tx.tuples(
        "select seat from stays where talk = :talk and way = :way and left_at is null", talk=talk, way=way
    )
    return frozenset(row[0] for row in rows)


def has_left(tx: Tx, talk: str, seat: str) -> bool:
    """Whether somebody was there by a device and is no more."""
    row = tx.one(
        """
        select count(*) as stays, count(left_at) as over from stays
        where talk = :talk and seat = :seat and way = 'device'
        """,
        talk=talk,
        seat=seat,
    )
    return row is not None and row["stays"] > 0 and row["stays"] == row["over"]


def tablet_was_there(tx: Tx, talk: str) -> bool:
    """Whether a ward's tablet took part."""
    found = tx.value(
        """
        select count(*) from stays where talk = :talk and participant is null and account is null
        """,
        talk=talk,
    )
    return bool(found)


def begin(tx: Tx, talk: str, seat: str, way: Way, *, account: str | None, now: int) -> None:
    """Somebody comes. `account` is a colleague's who is not on the talk; the ward's tablet has none."""
    tx.run(
        """
        insert into stays (id, talk, seat, participant, account, way, joined_at, seen_at)
        select :id, :talk, :seat, (select id from participants where id = :seat and talk = :talk),
            (select id from accounts where id = :account), :way, :now, :now
        """,
        id=tx.new_id(),
        talk=talk,
        seat=seat,
        account=account,
        way=way,
        now=now,
    )


def seen(tx: Tx, stay: str, *, now: int) -> None:
    """The stay goes on."""
    tx.run("update stays set seen_at = :now where id = :stay", stay=stay, now=now)


def finish(tx: Tx, talk: str, seat: str, way: Way, *, now: int) -> int:
    """Somebody has gone; returns how many stays that ended."""
    return tx.run(
        """
        update stays set left_at = :now, seen_at = :now
        where talk = :talk and seat = :seat and way = :way and left_at is null
        """,
        talk=talk,
        seat=seat,
        way=way,
        now=now,
    )


def finish_unseen(tx: Tx, stay: str) -> None:
    """A stay whose end nobody saw ended when it was last seen."""
    tx.run("update stays set left_at = seen_at where id = :stay and left_at is null", stay=stay)


def finish_phones(tx: Tx, talk: str, *, now: int) -> None:
    """Nobody is left in the room to hold the receiver."""
    tx.run(
        """
        update stays set left_at = :now, seen_at = :now
        where talk = :talk and way = 'phone' and left_at is null
        """,
        talk=talk,
        now=now,
    )


def see(tx: Tx, rooms: Mapping[str, Set[str]], *, now: int) -> None:
    """Everybody who sits in these rooms, and who is on the phone with them, is still there."""
    sitting = [{"talk": talk, "seat": seat, "now": now} for talk, seats in rooms.items() for seat in seats]
    tx.run_many(
        """
        update stays set seen_at = :now
        where talk = :talk and seat = :seat and way = 'device' and left_at is null
        """,
        sitting,
    )
    tx.run_many(
        "update stays set seen_at = :now where talk = :talk and way = 'phone' and left_at is null",
        [{"talk": talk, "now": now} for talk, seats in rooms.items() if seats],
    )


def finish_unseen_since(tx: Tx, *, before: int) -> int:
    """End the stays that nobody has seen since `before`, at the last moment they were seen; returns how many."""
    return tx.run(
        "update stays set left_at = seen_at where left_at is null and seen_at < :before", before=before
    )


def anybody(tx: Tx) -> bool:
    """Whether any stay has not ended."""
    return bool(tx.value("select exists (select 1 from stays where left_at is null)"))


def forms_of(tx: Tx, talk: str, *, now: int, at_most: int) -> list[Run]:
    """In which form two or more devices talked, from when until when, in the order in which it went.

    What runs now goes on until now, or until `at_most` seconds after it was last seen.
    """
    return [
        Run(form, began_at, ended_at if ended_at is not None else max(seen_at, min(now, seen_at + at_most)))
        for form, began_at, seen_at, ended_at in tx.tuples(
            """
            select form, began_at, seen_at, ended_at from talk_forms where talk = :talk order by began_at, id
            """,
            talk=talk,
        )
    ]


def count_form(tx: Tx, talk: str, form: str, *, now: int) -> None:
    """From now on they talk in this form; "" when they no longer talk. The same again goes on."""
    see_forms(tx, [talk], now=now)
    tx.run(
        """
        update talk_forms set ended_at = seen_at where talk = :talk and ended_at is null and form <> :form
        """,
        talk=talk,
        form=form,
    )
    if form:
        tx.run(
            """
            insert into talk_forms (id, talk, form, began_at, seen_at)
            select :id, :talk, :form, :now, :now
            where not exists (select 1 from talk_forms where talk = :talk and ended_at is null)
            """,
            id=tx.new_id(),
            talk=talk,
            form=form,
            now=now,
        )


def forget_short_forms(tx: Tx, talk: str, *, held_from: int) -> None:
    """Once a form has held, shorter ones that are over tell nothing more."""
    tx.run(
        """
        delete from talk_forms where talk = :talk and ended_at - began_at < :held_from and exists
            (select 1 from talk_forms held where held.talk = :talk and held.seen_at - held.began_at >= :held_from)
        """,
        talk=talk,
        held_from=held_from,
    )


def finish_forms(tx: Tx) -> None:
    """Nobody talks, the service has just begun: what ran ended when it was last seen."""
    tx.run("update talk_forms set ended_at = seen_at where ended_at is null")


def see_forms(tx: Tx, talks: list[str], *, now: int) -> None:
    """These talks go on in the form they have."""
    tx.run_many(
        """
        update talk_forms set seen_at = :now where talk = :talk and ended_at is null and seen_at <= :now
        """,
        [{"talk": talk, "now": now} for talk in talks],
    )


def forget_before(tx: Tx, *, ended_before: int) -> int:
    """Forget who came to the talks that ended before then, their seats and devices too; returns how many stays."""
    gone = 0
    for table in ("talk_forms", "admissions", "tablets", "seats", "stays"):
        gone = tx.run(
            f"delete from {table} where talk in (select id from talks where ends_at < :ended_before)",
            ended_before=ended_before,
        )
    return gone
