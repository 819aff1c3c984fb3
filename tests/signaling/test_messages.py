"""What arrives is parsed once, whatever it is."""

import dataclasses
import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.errors import Malformed, SignalingError, Unsupported
from signaling.messages import (
    PARSERS,
    Candidate,
    FromClient,
    Hello,
    Knock,
    Media,
    Notify,
    Report,
    Text,
    parse,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    sorted({field.name for message in get_args(FromClient) for field in dataclasses.fields(message)})
)


def knock(name: Any) -> str:
    return json.dumps({"type": "knock", "name": name, "relation": ""})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        "1e999",
        '"hello"',
        "{",
        '{"type": NaN}',
        '{"type": "media", "microphone": Infinity}',
        '{"type": 5}',
        '{"type": null}',
        "[" * 60_000,
        '{"type":' * 8_000,
        '{"type": "ping", "x": ' + "[" * 7 + "]" * 7 + "}",
        '{"type": "recreate", "peer": "bo", "generation": ' + "9" * 5_000 + "}",
        '{"type": "recreate", "peer": "bo", "generation": -1}',
        '{"type": "recreate", "peer": "bo", "generation": true}',
        '{"type": "recreate", "peer": "bo", "generation": 1.0}',
        '{"type": "recreate", "peer": {"bo": 1}, "generation": 1}',
        '{"type": "knock", "name": "\\ud800", "relation": ""}',
        '{"type": "knock", "name": ["Dag"], "relation": ""}',
        '{"type": "description", "to": "bo", "generation": 1, "description": {"type": "rollback", "sdp": ""}}',
        '{"type": "description", "to": "bo", "generation": 1, "description": "v=0"}',
        '{"type": "candidate", "to": "bo", "generation": 1, "candidate": []}',
        '{"type": "company", "people": "Ellen"}',
        '{"type": "company", "people": [1]}',
        json.dumps({"type": "company", "people": ["x"] * 13}),
        json.dumps({"type": "hello", "version": 1, "holding": [{"peer": "x", "generation": 1}] * 17}),
        json.dumps({"type": "hello", "version": 1, "token": "x" * 513}),
        json.dumps({"type": "hello", "version": 1, "fingerprint": "sha-256 AB:CD\n"}),
        json.dumps({"type": "hello", "version": 1, "fingerprint": "sha-256 AB\x1fEF"}),
        json.dumps({"type": "hello", "version": 1, "fingerprint": "sha-256 " + "AB:" * 64 + "AB"}),
        json.dumps({"type": "hello", "version": 1, "fingerprint": ["sha-256 AB"]}),
        '{"type": "media", "microphone": true, "camera": true}',
        '{"type": "media", "microphone": true, "camera": true, "pictures": true, "hand": "up"}',
        '{"type": "media", "microphone": true, "camera": true, "pictures": true, "quality": "GOOD"}',
        json.dumps({"type": "text", "line": 1, "text": "x" * 1001}),
        '{"type": "text", "line": 1}',
        '{"type": "text", "line": 1, "text": "\\ud83d"}',
        '{"type": "notify", "message": ""}',
        '{"type": "notify", "message": "<b>"}',
        '{"type": "notify", "message": "late\\n"}',
        '{"type": "notify", "message": "Late"}',
        json.dumps({"type": "notify", "message": "x" * 41}),
        '{"type": "report", "first_frame": 600001, "relayed": true}',
        '{"type": "report", "first_frame": 1.5}',
        '{"type": "report", "relayed": "yes"}',
        json.dumps({"type": "ping", "padding": "x" * 65_536}),
        knock("x" * 81),
        knock("x" * 10_000),
    ],
)
def test_malformed_message_is_named_so(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


@pytest.mark.parametrize("kind", ["", "welcome", "HELLO", "__class__", "offer"])
def test_unknown_type_is_unsupported(kind: str) -> None:
    with pytest.raises(Unsupported):
        parse(json.dumps({"type": kind}))


@given(st.text() | JSON.map(json.dumps))
def test_arbitrary_text_never_raises_anything_else(text: str) -> None:
    with pytest.raises(SignalingError):
        parse(text)


@given(st.sampled_from(sorted(PARSERS)), st.dictionaries(FIELDS, JSON, max_size=6))
def test_wrong_members_of_a_known_message_are_parsed_or_malformed(kind: str, members: dict[str, Any]) -> None:
    try:
        message = parse(json.dumps({**members, "type": kind}))
    except Malformed:
        return
    assert message.type == kind


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Dag", "Dag"),
        ("  Dag \r\n Jensen\t", "Dag Jensen"),
        ("Dag\x00\x1b\u202e\u2066\ufeff", "Dag"),
        ("Åse Ø.\u00a0Sørensen", "Åse Ø. Sørensen"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("👩\u200d⚕️", "👩\u200d⚕️"),
        (None, ""),
    ],
)
def test_typed_name_loses_only_what_cannot_be_seen(typed: str | None, shown: str) -> None:
    assert parse(knock(typed)) == Knock(shown, "")


def test_unknown_members_are_ignored_and_missing_ones_have_their_default() -> None:
    assert parse('{"type": "hello", "version": 1, "wings": {"two": []}}') == Hello(1, None, None, "", ())
    basic = {"microphone": True, "camera": False, "pictures": True}
    assert parse(json.dumps({"type": "media", **basic})) == Media(True, False, True, False, False, False, "")
    assert parse('{"type": "text", "line": 7, "text": ""}') == Text(7, "", False)
    assert parse('{"type": "report"}') == Report(None, None)
    assert parse('{"type": "notify", "message": "late"}') == Notify("late", None, None)


@pytest.mark.parametrize(
    "written", ["sha-256 4a:7c:09", "sha-256 4A:7C:09", "sha-512 " + ":".join(["0F"] * 64)]
)
def test_fingerprint_is_taken_as_browsers_write_it(written: str) -> None:
    hello = parse(json.dumps({"type": "hello", "version": 1, "fingerprint": written}))
    assert isinstance(hello, Hello) and hello.fingerprint == written


def test_candidate_keeps_only_what_the_standard_names() -> None:
    given = {
        "candidate": "candidate:1",
        "sdpMid": "0",
        "sdpMLineIndex": 0,
        "usernameFragment": None,
        "evil": "x",
    }
    message = parse(json.dumps({"type": "candidate", "to": "bo", "generation": 3, "candidate": given}))
    del given["evil"]
    assert message == Candidate("bo", 3, given)
