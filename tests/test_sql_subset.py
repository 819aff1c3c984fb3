"""Every SQL text keeps to what SQLite and PostgreSQL both understand; the second engine will run the same queries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The SQLite engine itself: its pragmas, its triggers, its way to copy a database.
ENGINE = ROOT / "handover" / "store" / "sqlite.py"

SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\bselect\s+(\w+\(|:|\d)|\binsert\s+(or\s+\w+\s+)?into\b|\breplace\s+into\b|\bupdate\s+\w+\s+set\b"
    r"|\bdelete\s+from\b|\bcreate\s+(unique\s+)?(table|index|view|trigger)\b|\balter\s+table\b|\bdrop\s+(table|index)\b|\bpragma\s"
    r"|\b(and|or|where|on|not)\s+[\w.]+\s*(=|<|>|<>|<=|>=)\s*[:\w]|[\w.)]\s*(=|<|>|<>|<=|>=)\s*:\w|[\w.)]\s+(in|like)\s*\(?:\w",
    re.IGNORECASE | re.DOTALL,
)

STATEMENT = re.compile(r"\s*(select|with|insert|update|delete)\s[^A-Z.]*(\bfrom|\binto|\bset)\b")
ONLY_ONE_ENGINE = {
    "insert or, replace into (use on conflict)": r"\binsert\s+or\b|\breplace\s+into\b",
    "rowid": r"\b_?rowid_?\b|\boid\b|\blast_insert_rowid\b|\bautoincrement\b",
    "JSON operators and functions (read JSON in Python)": r"->|\bjsonb?_\w+\s*\(|\bjsonb?\s*\(",
    "date functions (instants are integers)": r"\b(strftime|datetime|date|time|julianday|unixepoch|now)\s*\("
    r"|\b(extract|date_trunc|to_timestamp)\s*\(|\bcurrent_(timestamp|date|time)\b|::",
    "ilike, glob, regexp, collate (use lower(x) like)": r"\b(ilike|glob|regexp|rlike|collate)\b",
    "like without lower()": r"(?<![)\s])\s+(not\s+)?like\b",
    "double quotes, backticks, brackets": r"[\"`\[\]]",
    "parameters other than :name": r"\?|%s|%\(|(?<![\w'@])[$@]\w+|:\d",
    "a bare parameter before is null (cast it)": r":\w+\s+is\s+(not\s+)?null\b",
    "is with a parameter (is not distinct from)": r"\bis\s+(not\s+)?:\w",
    "functions of one engine": r"\b(ifnull|iif|group_concat|string_agg|array_agg|printf|instr|total|random)\s*\("
    r"|\b(greatest|least|any|typeof|to_char|changes)\s*\(",
    "max or min of several values (use case)": r"\b(max|min)\s*\((?:[^()]|\([^()]*\))*,",
    "limit with a comma": r"\blimit\s+[\w:]+\s*,",
    "== (use =)": r"==",
    "pragma, trigger, vacuum, attach": r"\b(pragma|trigger|vacuum|attach|raise)\b",
}


def bare(sql: str) -> str:
    """The text without quoted values ('a -> b' is no operator) and without `@name`, which each engine builds itself."""
    return re.sub(r"^@[\w-]+;?$", "", re.sub(r"'(?:[^']|'')*'", "''", sql), flags=re.MULTILINE)


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Every string of a file that is no docstring, with its line; what an f-string fills in counts as one name."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = (part.value if isinstance(part, ast.Constant) else "filled_in" for part in node.values)
            yield node.lineno, "".join(str(piece) for piece in pieces)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings | parts
        ):
            yield node.lineno, node.value


def statements(source: str) -> Iterator[tuple[int, str]]:
    return ((line, text) for line, text in texts(source) if SQL.search(text))


def strays(source: str) -> list[str]:
    """What only one engine would understand, by line."""
    return [
        f"{line}: {rule}"
        for line, text in statements(source)
        for rule, pattern in ONLY_ONE_ENGINE.items()
        if re.search(pattern, bare(text), re.IGNORECASE)
    ]


def test_every_statement_is_understood_by_both_engines() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "handover").rglob("*.py")):
        if path != ENGINE and (stray := strays(path.read_text(encoding="utf-8"))):
            found[str(path.relative_to(ROOT))] = stray
    assert found == {}


def test_statements_are_found_at_all() -> None:
    store = sorted((ROOT / "handover" / "store").glob("*.py"))
    assert sum(len(list(statements(path.read_text(encoding="utf-8")))) for path in store) > 50


def test_only_the_store_speaks_sql() -> None:
    elsewhere = {
        str(path.relative_to(ROOT)): [line for line, _ in spoken]
        for path in sorted((ROOT / "handover").rglob("*.py"))
        if path.parent.name != "store"
        and (
            spoken := [one for one in statements(path.read_text(encoding="utf-8")) if STATEMENT.match(one[1])]
        )
    }
    assert elsewhere == {}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("insert or ignore into talks (id) values (:id)", "insert or"),
        ("select rowid from talks", "rowid"),
        ("select facts ->> 'name' from offers", "JSON operators"),
        ("select id from talks where id in (select value from json_each(:ids))", "JSON operators"),
        ("select id from talks where starts_at > strftime('%s')", "date functions"),
        ("select id from people where name ilike :name", "ilike"),
        ("select id from people where name like :name", "like without lower"),
        ('select id from "talks"', "double quotes"),
        ("select id from `talks`", "double quotes"),
        ("select id from talks where id = ?", "parameters"),
        ("select id from talks where id = $1", "parameters"),
        ("select id from talks where :ward is null or ward = :ward", "a bare parameter"),
        ("select id from talks where ward is :ward", "is with a parameter"),
        ("select ifnull(ward, '') from talks", "functions of one engine"),
        ("select max(starts_at, :now) from talks", "max or min"),
        ("select id from talks limit 5, 10", "limit"),
        ("select id from talks where id == :id", "=="),
        ("pragma foreign_keys = off", "pragma"),
        ("t.nurse = :nurse and t.ward is :ward", "is with a parameter"),
    ],
)
def test_statement_for_one_engine_only_is_found(statement: str, rule: str) -> None:
    for source in (f"sql = {statement!r}", f"def ask(tx):\n    return tx.all({statement!r}, id=1)"):
        assert any(rule in stray for stray in strays(source)), strays(source)


@pytest.mark.parametrize(
    "statement",
    [
        "select id, 'a -> b' as arrow from talks where lower(name) like :name and id <> :id",
        "select id from talks where cast(:ward as text) is null or ward = :ward",
        "insert into talks (id) values (:id) on conflict (id) do update set id = excluded.id returning id",
        "select max(coalesce(starts_at, 0)), count(*) filter (where state = 'held') from talks",
        "update talks set version = version + 1 where id = :id and version = :version returning version",
    ],
)
def test_statement_for_both_engines_passes(statement: str) -> None:
    assert strays(f"sql = {statement!r}") == []


def test_sentence_for_people_is_not_taken_for_sql() -> None:
    assert list(statements("x = _('Choose where to go and say when. Update the page to see it.')")) == []
