"""`make bench`: every figure of the requirements beside its target, from one run. It judges nobody and ends well."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import sys
import traceback
from importlib import import_module
from pathlib import Path

Figures = list[tuple[str, float, str]]

MODULES = (
    "relaying",
    "idle_seats",
    "joining_rush",
    "slow_reader",
    "restart",
    "first_frame",
    "mesh",
    "device_check",
    "ten_checks",
    "guest_weight",
    "booking",
    "api_booking",
    "free_times",
    "invitation",
    "pages",
    "start_and_memory",
)
_LIMIT = re.compile(r"(≤|<=|≥|>=)\s*([\d.]+)")


TOLD = "told"  # a figure without a target, beside which another one is understood


def reached(figure: float, target: str) -> bool:
    """Whether a figure meets a target such as `≤ 1.5`."""
    found = _LIMIT.search(target)
    if found is None:
        raise ValueError(f"a target says ≤ or ≥ and a number, not {target!r}")
    limit = float(found[2])
    return figure <= limit if found[1] in ("≤", "<=") else figure >= limit


def measured_on() -> str:
    """The machine, in one line."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{len(os.sched_getaffinity(0))} cores of {cpu}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def main(wanted: list[str]) -> None:
    """Run the named modules, or all of them, and print a line for each figure as it is there."""
    unknown = set(wanted) - set(MODULES)
    if unknown:
        print(f"No such figures: {', '.join(sorted(unknown))}. There are: {', '.join(MODULES)}")
        return
    print(f"Measured on {measured_on()}\n")
    print(f"{'Figure':<62}{'Now':>10}  {'Target':<12}Reached")
    for name in wanted or MODULES:
        for line in lines_of(f"tests.bench.{name}"):
            print(line, flush=True)


def lines_of(module: str) -> list[str]:
    """A line for each figure of a module; one that breaks says so and keeps none of the others from being measured."""
    try:
        figures: Figures = import_module(module).run()
        return [line_of(*figure) for figure in figures]
    except Exception as error:
        traceback.print_exc()
        return [f"{module:<62}{'-':>10}  {'':<12}not measured: {error}"]


def line_of(title: str, figure: float, target: str) -> str:
    verdict = "" if target == TOLD else "yes" if reached(figure, target) else "no"
    return f"{title:<62}{figure:>10.2f}  {target:<12}{verdict}".rstrip()


if __name__ == "__main__":
    main(sys.argv[1:])
