"""Summary links with their codes and tries, and whom the patient lets see the summary."""

from __future__ import annotations

from collections.abc import Sequence

from handover.store.engine import Row, Tx


def links_of(tx: Tx, talk: str) -> list[Row]:
    """Every summary link of a talk, revoked ones too."""
    return tx.all("select * from links where talk = :talk and purpose = 'summary'", talk=talk)


def new_code(tx: Tx, link: str) -> None:
    """Another code for the same link, with all its tries."""
    tx.run("update links set code_number = code_number + 1, tries = 0 where id = :link", link=link)


def count_try(tx: Tx, link: str) -> None:
    """A wrong code was typed."""
    tx.run("update links set tries = tries + 1 where id = :link", link=link)


def forget_tries(tx: Tx, link: str) -> None:
    """The right code was typed."""
    tx.run("update links set tries = 0 where id = :link and tries > 0", link=link)


def let_see(tx: Tx, participant: str, *, now: int) -> None:
    """The patient says that this person may look back; the first yes keeps its time."""
    tx.run(
        "update participants set may_look_back = :now where id = :participant and may_look_back is null",
        participant=participant,
        now=now,
    )


def hide(tx: Tx, participants: Sequence[str]) -> None:
    """The patient has taken it back: none of these people may look back or see the summary any more."""
    tx.run_many(
        "update participants set may_look_back = null where id = :participant",
        [{"participant": participant} for participant in participants],
    )
