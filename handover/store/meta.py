"""Facts about the database itself, such as that it is a demo's."""

from __future__ import annotations

from handover.store.engine import Tx


def get(tx: Tx, name: str) -> str | None:
    """The fact, or None."""
    value = tx.value("select value from meta where name = :name", name=name)
    return None if value is None else str(value)


def put(tx: Tx, name: str, value: str) -> None:
    """Note a fact; the newer one stays."""
    tx.run(
        "insert into meta (name, value) values (:name, :value) on conflict (name) do update set value = excluded.value",
        name=name,
        value=value,
    )


def is_demo(tx: Tx) -> bool:
    """Whether the people in here are invented."""
    return get(tx, "demo") is not None


def answers(tx: Tx) -> bool:
    """Whether the database can be read; raises what the engine raises when it cannot."""
    return tx.value("select count(*) from meta") is not None
