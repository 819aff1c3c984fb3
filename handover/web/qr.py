"""QR codes as pictures that stand in a page themselves: nothing to fetch, and nothing that a log could write down."""

from __future__ import annotations

import segno


def qr(text: str) -> str:
    """A `data:` address for `<img src>`. Dark on white whatever the page's colours are, or cameras do not read it.

    Level M: a fingerprint on the glass may hide one square in seven.
    """
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, dark="#000", light="#fff")
