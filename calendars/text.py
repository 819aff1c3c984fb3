"""Texts and addresses made safe for calendar and mail: no control characters, no direction tricks."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from calendars.errors import CalendarError

# C0, C1 and the Unicode line separators: icalendar passes most of them through, and some clients end a line there.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Marks that reorder what is shown (a name could pose as another), byte order marks, and halves of surrogate
# pairs, which JSON can carry and UTF-8 cannot.
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
# RFC 6868 writes these as ^' and ^^, which several readers show literally.
_QUOTES = str.maketrans("", "", '"^')

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@.{{1,253}}$){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+=%]+")  # RFC 3986 without comma and semicolon
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def line(text: str) -> str:
    """Text on one line, runs of white space as one space."""
    return " ".join(_CONTROL.sub(" ", _UNSEEN.sub("", text)).split())


def paragraphs(text: str) -> str:
    """Text that keeps its line breaks, as "\\n", and nothing else of what `line` removes."""
    kept = _LINE_END.sub("\n", _UNSEEN.sub("", text)).split("\n")
    return "\n".join(_CONTROL.sub(" ", part).rstrip() for part in kept).strip()


def display_name(text: str) -> str:
    """A person's name for a CN parameter."""
    return line(text.translate(_QUOTES))


def address(text: str) -> str:
    """A mail address in ASCII; a national domain name becomes its IDNA form. RFC 5321 lengths."""
    local, _, domain = text.strip().rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        plain = ""
    if not _ADDRESS.fullmatch(plain):
        raise CalendarError("address-invalid", "This is not a mail address that can be written to.")
    return plain


def mailto(mailbox: str) -> str:
    """The address as a CAL-ADDRESS value (RFC 6068)."""
    return "mailto:" + quote(mailbox, safe="@!$'*+-._~")


def web_address(text: str) -> str:
    """An http(s) URL that every reader takes whole; vobject cuts a URI at ";" and others at ","."""
    if not _URL.fullmatch(text) or urlsplit(text).scheme not in ("http", "https"):
        raise CalendarError(
            "url-unsafe", "A link must be http or https, in ASCII, without comma or semicolon."
        )
    return text


def language(tag: str) -> str:
    """A language tag (BCP 47), such as da, nb or en-GB."""
    if not _LANGUAGE.fullmatch(tag):
        raise CalendarError("language-invalid", "A language is a tag such as da, nb or en.")
    return tag
