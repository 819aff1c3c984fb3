"""One A4 holds the summary, whatever was agreed: how many lines it takes, and what gives way when they are too many.

First the letters become smaller and the accepted offers stand in two columns, then the offers' descriptions go. Name,
provider, place and time always stay. The numbers are measured on the printed sheet (print.css: 13 and 11 pt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

Setting = Literal["roomy", "small", "short"]

LONGEST_WORDS = 400  # of the patient's own; a longer quotation is cut


@dataclass(frozen=True)
class Measure:
    """A way to set the sheet, in lines of its own letters and in letters a line.

    `frame` is what stands on every sheet, `heading` the one above what somebody wants to think about. Columns are
    never quite even, which the frame of the second measure allows for.
    """

    across: int
    in_column: int
    columns: int
    frame: float
    heading: float
    lines: float


ROOMY = Measure(across=74, in_column=68, columns=1, frame=17.5, heading=2.0, lines=37.5)
SMALL = Measure(across=74, in_column=44, columns=2, frame=20.5, heading=3.0, lines=45.0)
GAP = 0.5  # lines between two offers


def setting(accepted: Sequence[tuple[str, str, str]], thinking: Sequence[str], words: str) -> Setting:
    """How to set a sheet. `accepted` are (name, description, where and when), `thinking` whole sentences."""
    if _lines(ROOMY, accepted, thinking, words) <= ROOMY.lines:
        return "roomy"
    return "small" if _lines(SMALL, accepted, thinking, words) <= SMALL.lines else "short"


def _lines(
    measure: Measure, accepted: Sequence[tuple[str, str, str]], thinking: Sequence[str], words: str
) -> float:
    offers = sum(
        _wrapped(name, measure.in_column) + _wrapped(f"{text} {where}", measure.in_column) + GAP
        for name, text, where in accepted
    )
    rest = sum(_wrapped(one, measure.across) + GAP for one in (*thinking, words) if one)
    return measure.frame + offers / measure.columns + (measure.heading if thinking else 0) + rest


def _wrapped(text: str, width: int) -> int:
    return ceil(len(text) / width)
