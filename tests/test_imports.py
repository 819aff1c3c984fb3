"""The import table in the README holds in every file, also where a function, a type check or a string hides it."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("calendars", "signaling", "handover")
STORIES = "stories"


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    may: frozenset[str]
    never: frozenset[str]
    imported_by: frozenset[str] | None


def table(readme: str) -> dict[str, Line]:
    """The fenced block as lines by their left side."""
    block = re.search(r"^```imports\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert block is not None, "README.md has no imports block"
    lines: dict[str, Line] = {}
    for text in block[1].splitlines():
        left, arrow, right = text.partition("->")
        assert arrow, f"cannot be read: {text}"
        may, *clauses = [part.strip() for part in right.split(";")]
        said = {
            word: clause.removeprefix(word)
            for clause in clauses
            for word in ("never", "imported by")
            if clause.startswith(word)
        }
        assert len(said) == len(clauses), f"cannot be read: {text}"
        by = _names(said["imported by"]) if "imported by" in said else None
        lines[left.strip()] = Line(_names(may), _names(said.get("never", "")), by)
    return lines


def _names(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def sources(root: Path) -> dict[str, str]:
    """Every module of the project by its dotted name."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text(encoding="utf-8")
    return found


def imports(module: str, source: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and full name of whatever a file imports, wherever in it; `from a import b` counts as a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            near = module.split(".") if is_package else module.split(".")[:-1]
            base = ".".join(near[: len(near) - node.level + 1] if node.level else [])
            base = ".".join(part for part in (base, node.module) if part)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                yield node.lineno, str(node.args[0].value)


def within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def line_of(name: str, lines: Mapping[str, Line]) -> str | None:
    """The left side that decides about a name: the longest that fits, or `stories`."""
    fitting = [left for left in lines if within(name, left)]
    if fitting:
        return max(fitting, key=len)
    return STORIES if name.startswith("handover.") else None


def allowed(name: str, own: str, lines: Mapping[str, Line]) -> bool:
    rule = lines[own]
    if any(within(name, never) for never in rule.never):
        return False
    target = line_of(name, lines)
    if target == own or name == "handover.__version__":
        return True
    by = lines[target].imported_by if target else None
    if by is not None and own not in by:
        return False
    if "everything" in rule.may:
        return True
    if target == STORIES:
        return STORIES in rule.may
    if target is not None:
        return any(within(name, may) for may in rule.may)
    if name.partition(".")[0] in sys.stdlib_module_names:
        return "stdlib" in rule.may
    return any(within(name, may) for may in rule.may)


def violations(modules: Mapping[str, str], lines: Mapping[str, Line]) -> list[str]:
    packages = {name.rpartition(".")[0] for name in modules}
    found = []
    for module, source in modules.items():
        own = line_of(module, lines)
        if own is None:
            continue
        for number, name in imports(module, source, module in packages):
            if not allowed(name, own, lines):
                found.append(f"{module}:{number} imports {name}")
    return found


@pytest.fixture(scope="module")
def lines() -> dict[str, Line]:
    return table((ROOT / "README.md").read_text(encoding="utf-8"))


def test_every_file_imports_only_what_its_line_allows(lines: dict[str, Line]) -> None:
    assert violations(sources(ROOT), lines) == []


def test_every_line_of_the_table_is_about_something(lines: dict[str, Line]) -> None:
    modules = sources(ROOT)
    named = {left for left in lines if left != STORIES}
    folders = {
        ".".join(path.relative_to(ROOT).parts) for package in PACKAGES for path in (ROOT / package).rglob("*")
    }
    assert {left for left in named if left not in modules and left not in folders} - set(PACKAGES) == set()


@pytest.mark.parametrize(
    ("module", "source", "imported"),
    [
        ("handover.booking", "import aiohttp", "aiohttp"),
        ("handover.booking", "from aiohttp import web", "aiohttp.web"),
        ("handover.booking", "def book():\n    import jinja2", "jinja2"),
        ("handover.booking", "if TYPE_CHECKING:\n    from handover.web import pages", "handover.web.pages"),
        ("handover.booking", "from .web import pages", "handover.web.pages"),
        ("handover.booking", "from handover import web", "handover.web"),
        (
            "handover.booking",
            "from handover.store.sqlite import SqliteStore",
            "handover.store.sqlite.SqliteStore",
        ),
        ("handover.booking", "import_module('handover.app')", "handover.app"),
        ("handover.domain.talks", "import time", "time"),
        ("handover.domain.talks", "from handover import booking", "handover.booking"),
        ("handover.store.talks", "from handover.booking import book", "handover.booking.book"),
        ("handover.web.talks", "from handover.app import make_app", "handover.app.make_app"),
        ("handover.web.talks", "import requests", "requests"),
        ("calendars.events", "from signaling import rooms", "signaling.rooms"),
        ("calendars.events", "import handover.errors", "handover.errors"),
        ("signaling.room", "import aiohttp", "aiohttp"),
        ("signaling.room", "import sqlite3", "sqlite3"),
        ("handover.commands.serve", "from handover import __main__", "handover.__main__"),
    ],
)
def test_import_that_the_table_forbids_is_found(
    lines: dict[str, Line], module: str, source: str, imported: str
) -> None:
    number = source.count("\n") + 1
    assert violations({module: source}, lines) == [f"{module}:{number} imports {imported}"]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("handover.booking", "from handover.domain.talks import Talk\nfrom handover import recording"),
        ("handover.booking", "from handover.store import talks\nfrom datetime import datetime"),
        ("handover.web.talks", "from aiohttp import web\nfrom handover import booking, words"),
        ("signaling.socket", "from aiohttp import web"),
        ("handover.app", "import signaling.socket, aiortc\nfrom handover.web import routes"),
        ("handover.commands.serve", "from handover.app import make_app\nimport click"),
    ],
)
def test_import_that_the_table_allows_passes(lines: dict[str, Line], module: str, source: str) -> None:
    assert violations({module: source}, lines) == []


def reads_the_clock(source: str) -> list[int]:
    """Lines that ask what time it is, or for a random number."""
    asked = {
        "now",
        "utcnow",
        "today",
        "time",
        "time_ns",
        "monotonic",
        "token_bytes",
        "token_hex",
        "urandom",
        "uuid4",
    }
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in asked
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "dt", "time", "secrets", "os", "uuid"}
    ]


def test_clock_in_a_story_is_noticed() -> None:
    assert reads_the_clock("x = 1\nnow = datetime.now(UTC)\nstarts = talk.time()") == [2]


def test_stories_and_rules_are_told_the_time(lines: dict[str, Line]) -> None:
    pure = {
        name: source
        for name, source in sources(ROOT).items()
        if line_of(name, lines) in (STORIES, "handover.domain")
    }
    assert {name: found for name, source in pure.items() if (found := reads_the_clock(source))} == {}


def declared() -> set[str]:
    """The libraries that an installation brings along."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return {
        re.split(r"[ <>=]", line)[0] for line in config["options"]["install_requires"].split("\n") if line
    }


def test_every_library_that_is_imported_comes_with_an_installation() -> None:
    modules = sources(ROOT)
    roots = {
        name.partition(".")[0]
        for module, source in modules.items()
        for _, name in imports(module, source, False)
    }
    libraries = roots - set(sys.stdlib_module_names) - {*PACKAGES, ""}
    brought = {
        name: {each.lower().replace("_", "-") for each in packages_distributions()[name]}
        for name in libraries
    }
    assert {name: by for name, by in brought.items() if not by & declared()} == {}
    assert len(libraries) > 5
