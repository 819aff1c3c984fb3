"""A page's script with all that it imports, as one file: a phone in a train fetches one instead of forty.

The sources stay plain modules that a browser could load one by one. They keep to a few forms of import and export, and
this knows no others: `Unbundled` is raised when the service starts, never in somebody's browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath, relpath

# Whole-line comments, and the types in the middle of a line; what follows code on its line stays.
COMMENTS = re.compile(
    r"^[ \t]*//.*\n|^[ \t]*/\*(?:(?!\*/)[\s\S])*\*/[ \t]*\n|/\*\*(?:(?!\*/)[^\n])*\*/ ?", re.MULTILINE
)
IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
LATER = re.compile(r'\bimport\("([^"]+)"\)')
UNKNOWN = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class Unbundled(Exception):
    """A module says something that bundling does not know."""


def bundle(entry: str, modules: Mapping[str, str]) -> str:
    """The script `entry` and everything it imports, each once and in a scope of its own.

    Names of `modules` are where a browser finds them, as `handover/pages/join.js`.
    """
    order: list[str] = []
    _visit(entry, modules, order, ())
    number = {name: position for position, name in enumerate(order)}
    return "\n".join(_scope(name, entry, modules, number) for name in order)


def _visit(name: str, modules: Mapping[str, str], order: list[str], above: tuple[str, ...]) -> None:
    if name in above:
        raise Unbundled(f"{name} imports itself by way of {' and '.join(above)}")
    if name in order:
        return
    if name not in modules:
        raise Unbundled(f"{above[-1]} imports {name}, which is not there")
    for _, address in IMPORT.findall(COMMENTS.sub("", modules[name])):
        _visit(_resolved(name, address), modules, order, (*above, name))
    order.append(name)


def _scope(name: str, entry: str, modules: Mapping[str, str], number: Mapping[str, int]) -> str:
    """One module as a function that is called at once and returns what the module exports."""

    def taken(match: re.Match[str]) -> str:
        names = re.sub(r"(\w+) as (\w+)", r"\1: \2", " ".join(match[1].split()))
        return f"const {{ {names} }} = m{number[_resolved(name, match[2])]};\n"

    def later(match: re.Match[str]) -> str:
        address = relpath(_resolved(name, match[1]), dirname(entry))
        return f'import("{address if address.startswith(".") else "./" + address}")'

    source = COMMENTS.sub("", modules[name]).strip()
    exported = [found[1] for found in EXPORT.findall(source)]
    source = LATER.sub(later, EXPORT.sub(r"\1 \2", IMPORT.sub(taken, source)))
    if unknown := UNKNOWN.search(source):
        raise Unbundled(f"{name}: {unknown[0]}")
    return f"const m{number[name]} = (() => {{\n{source}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _resolved(name: str, address: str) -> str:
    return normpath(join(dirname(name), address))
