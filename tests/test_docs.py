"""docs/errors.md and docs/addresses.md say what the code does: every code, every address, and nothing that is gone."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from handover import errors
from handover.web import outbox
from handover.web.doors import Door, door_of
from handover.web.routes import all_routes
from signaling.errors import SignalingError

ROOT = Path(__file__).parent.parent
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
WITH_FIELD = ("FieldError", "wrong", "_wrong")  # what takes a field, then its code


def tables(page: str) -> dict[str, list[list[str]]]:
    """The rows of each section's table, cells without their back-ticks."""
    found: dict[str, list[list[str]]] = {}
    title = ""
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            title = line[3:]
            found[title] = []
        elif line.startswith("| `"):
            found[title].append([cell.strip().strip("`") for cell in line.strip("|").split(" | ")])
    return found


# Codes


@cache
def sources(*packages: str) -> dict[Path, ast.Module]:
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def error_classes(root: str, *packages: str) -> dict[str, str]:
    """Every class below `root` by name, with the code it always has ("" when it is given one)."""
    classes = [
        node
        for tree in sources(*packages).values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    known = {root}
    while more := {one.name for one in classes if known & {ast.unparse(base) for base in one.bases}} - known:
        known |= more
    return {one.name: next(own_codes(one), "") for one in classes if one.name in known}


def own_codes(node: ast.ClassDef) -> Iterator[str]:
    """What a class hands to its parent's `__init__` as the code."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__" and call.args:
            yield from literals(call.args[0], {})


def literals(node: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """The texts an expression can be, as far as they stand in the file."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body, names)
        yield from literals(node.orelse, names)
    elif isinstance(node, ast.Name):
        for value in names.get(node.id, ()):
            yield from literals(value, {})


def assigned(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What variables of a file are set to."""
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id].append(node.value)
    return found


def is_message(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "N_"


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def handover_codes() -> dict[str, set[str]]:
    """The codes of answers and of fields: what errors are made with, and what stands before a sentence for people."""
    classes = error_classes("HandoverError", "handover")
    found = {"answer": {code for code in classes.values() if code}, "field": set[str]()}
    found["answer"].add(errors.NotFound().code)
    for tree in sources("handover").values():
        names = assigned(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and classes.get(name_of(node)) == "" and node.args:
                found["answer"].update(literals(node.args[0], names))
            elif isinstance(node, ast.Call) and name_of(node) in WITH_FIELD and len(node.args) > 1:
                found["field"].update(literals(node.args[1], names))
            elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and is_message(node.elts[1]):
                found["field"].update(literals(node.elts[0], {}))
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("_TROUBLES", "_OWN"):
                assert isinstance(node.value, ast.Dict)
                found["field"].update(text for key in node.value.keys if key for text in literals(key, {}))
    return {kind: {code for code in codes if CODE.fullmatch(code)} for kind, codes in found.items()}


def calendar_codes() -> set[str]:
    """The codes of mails and calendar entries, with those the post room notes itself."""
    classes = error_classes("CalendarError", "calendars")
    found = {code for code in classes.values() if code}
    for tree in (*sources("calendars").values(), *sources("handover").values()):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and classes.get(name_of(node)) == ""
                and node.args
                and name_of(node) != "Malformed"
            ):
                found.update(literals(node.args[0], {}))
    return {code for code in found if CODE.fullmatch(code)}


def documented(section: str) -> set[str]:
    return {row[0] for row in tables("errors.md")[section]}


def test_every_code_of_an_answer_is_documented() -> None:
    assert documented("Answers") == handover_codes()["answer"]


def test_every_code_of_a_field_is_documented() -> None:
    assert documented("Fields") == handover_codes()["field"]


def test_every_code_of_mail_and_calendar_is_documented() -> None:
    assert documented("Mail and calendar") == calendar_codes()


def test_every_code_of_signaling_is_documented() -> None:
    assert documented("Calls") == {kind.code for kind in SignalingError.__subclasses__()}


def test_answers_are_documented_with_the_status_they_are_made_with() -> None:
    kinds = {
        name: kind.status
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and hasattr(kind, "status")
    }
    made: dict[str, set[str]] = defaultdict(set)
    for tree in sources("handover").values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node) in kinds and node.args:
                for code in literals(node.args[0], {}):
                    made[code].add(str(kinds[name_of(node)]))
    written = {row[0]: set(re.findall(r"\d{3}", row[1])) for row in tables("errors.md")["Answers"]}
    assert {
        code: statuses for code, statuses in made.items() if not statuses <= written.get(code, set())
    } == {}


# Addresses


def who(door: Door | None) -> str:
    """In the document's words."""
    assert door is not None, "every handler has a door"
    if door.kind == "anyone":
        return "everybody, own proof" if door.own_check else "everybody"
    if door.kind == "program":
        return f"token with {door.right}" if door.right else "token"
    return f"staff who may {door.right}" if door.right else "staff"


def test_every_address_is_documented_with_who_may_open_it() -> None:
    served = {
        (f"{route.method} {route.path}", who(door_of(route.handler)))
        for route in (*all_routes(), *outbox.routes())
        if route.method != "HEAD"
    }
    written = {
        (row[0], row[1].replace("`", "")) for section in tables("addresses.md").values() for row in section
    }
    assert written == served
