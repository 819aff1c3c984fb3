from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars import text
from calendars.errors import CalendarError
from tests.calendars.invited import NASTY

ANY_TEXT = st.text(st.characters(), max_size=200) | st.sampled_from(NASTY)


def is_plain(character: str) -> bool:
    return (
        unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        and unicodedata.bidirectional(character)
        not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        and character not in "\u200e\u200f\u061c"
    )


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_line_has_no_control_characters_line_ends_or_direction_marks(given_text: str) -> None:
    cleaned = text.line(given_text)
    assert all(map(is_plain, cleaned))
    assert text.line(cleaned) == cleaned
    cleaned.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_paragraphs_keep_line_ends_and_nothing_else_of_them(given_text: str) -> None:
    cleaned = text.paragraphs(given_text)
    assert all(is_plain(character) or character == "\n" for character in cleaned)
    assert text.paragraphs(cleaned) == cleaned


def test_paragraphs_know_every_line_end() -> None:
    assert text.paragraphs("a\r\nb\rc\nd\u2028e\u2029f\n\n g \n") == "a\nb\nc\nd\ne\nf\n\n g"


def test_ordinary_names_stay_as_they_are() -> None:
    for name in ("Grethe Ø. Sørensen", "Hansen, Bo", "O'Neill-Åberg", "محمد علی", "Søren 😀"):
        assert text.display_name(name) == name


def test_quotes_and_carets_leave_a_display_name() -> None:
    assert text.display_name('Per "Pelle" ^Åse^') == "Per Pelle Åse"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("bo@kommune.example", "bo@kommune.example"),
        (" Bo.Madsen+video@Kommune.example ", "Bo.Madsen+video@Kommune.example"),
        ("o'neill@example.org", "o'neill@example.org"),
        ("bo@bücher.example", "bo@xn--bcher-kva.example"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_is_kept_in_ascii(written: str, kept: str) -> None:
    assert text.address(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "bo",
        "@example.org",
        "bo@",
        "bo@@example.org",
        "bo@example..org",
        ".bo@example.org",
        "bo @example.org",
        "bo@example.org, eve@example.net",
        "bo@example.org\r\nBcc: eve@example.net",
        "bo@example.org>",
        "<bo@example.org>",
        '"bo"@example.org',
        "bo@[127.0.0.1]",
        "bo@-example.org",
        "bø@example.org",
        "bo@example.org\x00",
        "a" * 65 + "@example.org",
        "bo@" + "a" * 64 + ".org",
        "bo@" + "a." * 130 + "org",
    ],
)
def test_what_is_no_single_address_is_refused(written: str) -> None:
    with pytest.raises(CalendarError) as refusal:
        text.address(written)
    assert refusal.value.code == "address-invalid"


def test_characters_with_a_meaning_in_a_uri_are_written_so_that_they_lose_it() -> None:
    assert text.mailto("samtale+abc@example.org") == "mailto:samtale+abc@example.org"
    assert text.mailto("a?b%c@example.org") == "mailto:a%3Fb%25c@example.org"


def test_a_link_is_http_in_ascii() -> None:
    assert text.web_address("https://sygehus.example/j/abc?x=1#y") == "https://sygehus.example/j/abc?x=1#y"
    assert text.web_address("http://127.0.0.1:8080/j/abc") == "http://127.0.0.1:8080/j/abc"


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)",
        "ftp://sygehus.example/",
        "//sygehus.example/j/abc",
        "https://sygehus.example/j/a,b",
        "https://sygehus.example/j/a;b",
        "https://sygehus.example/j/a b",
        "https://sygehus.example/j/a\r\nX:1",
        "https://sygehus.example/j/å",
        "https://sygehus.example/j/a\n",
    ],
)
def test_a_link_that_some_reader_would_cut_is_refused(written: str) -> None:
    with pytest.raises(CalendarError) as refusal:
        text.web_address(written)
    assert refusal.value.code == "url-unsafe"


def test_a_language_is_a_tag() -> None:
    for tag in ("da", "nb", "en-GB"):
        assert text.language(tag) == tag
    for other in ("", "Dansk!", "da\r\nBcc: eve@example.net", "d", 'da"'):
        with pytest.raises(CalendarError) as refusal:
            text.language(other)
        assert refusal.value.code == "language-invalid"
