"""What leaves a seat that must not show where it is: the relay's address, and none of its own."""

import json

import pytest

from signaling.addresses import hidden
from signaling.ice import Ice
from signaling.messages import Candidate, Description
from signaling.rooms import Rooms
from tests.signaling.cast import ASTRID, DAG, Client, Diary, let_in, quiet

OWN = ("192.168.1.44", "2001:db8::44", "198.51.100.44", "5f1e2d3c-1.local")
SDP = "\r\n".join(
    [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 192.168.1.44",
        "s=-",
        "a=fingerprint:sha-256 4A:7C",
        "m=audio 50012 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP6 2001:db8::44",
        "a=rtcp:50013 IN IP4 198.51.100.44",
        "a=candidate:1 1 udp 2122260223 192.168.1.44 50012 typ host generation 0",
        "a=candidate:2 1 udp 2122262783 5f1e2d3c-1.local 50012 typ host",
        "a=candidate:3 1 udp 1686052607 198.51.100.44 50012 typ srflx raddr 192.168.1.44 rport 50012",
        "a=candidate:4 1 udp 41885439 203.0.113.10 61000 typ relay raddr 198.51.100.44 rport 50012 generation 0",
        "a=candidate:5 1 udp 41885439 203.0.113.10 61001 typ relay",
        "a=ice-ufrag:x1Zf",
        "a=rtpmap:111 opus/48000/2",
        "",
    ]
)


def description(sdp: str) -> str:
    message = hidden(Description("bo", 7, {"type": "offer", "sdp": sdp}))
    assert isinstance(message, Description)
    assert (message.to, message.generation, message.description["type"]) == ("bo", 7, "offer")
    return message.description["sdp"]


def candidate(text: str) -> str | None:
    given = {"candidate": text, "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "x1Zf"}
    message = hidden(Candidate("bo", 7, given))
    if message is None:
        return None
    assert isinstance(message, Candidate) and message.candidate is not None
    assert message.candidate == {**given, "candidate": message.candidate["candidate"]}
    return str(message.candidate["candidate"])


def test_description_keeps_all_but_the_addresses() -> None:
    assert all(address in SDP for address in OWN)
    assert description(SDP).split("\r\n") == [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 0.0.0.0",
        "s=-",
        "a=fingerprint:sha-256 4A:7C",
        "m=audio 50012 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:50013 IN IP4 0.0.0.0",
        "a=candidate:4 1 udp 41885439 203.0.113.10 61000 typ relay raddr 0.0.0.0 rport 9 generation 0",
        "a=candidate:5 1 udp 41885439 203.0.113.10 61001 typ relay",
        "a=ice-ufrag:x1Zf",
        "a=rtpmap:111 opus/48000/2",
        "",
    ]


def test_description_with_bare_line_ends_hides_as_much() -> None:
    for end in ("\n", "\r"):
        shown = description(SDP.replace("\r\n", end))
        assert not [address for address in OWN if address in shown]
        assert "203.0.113.10" in shown


def test_description_without_addresses_stays_as_it_is() -> None:
    trickled = SDP[: SDP.index("a=candidate:1")]
    bare = trickled.replace("192.168.1.44", "0.0.0.0").replace("IP6 2001:db8::44", "IP4 0.0.0.0")
    bare = bare.replace("198.51.100.44", "0.0.0.0")
    assert description(bare) == bare
    assert description("") == ""


@pytest.mark.parametrize(
    ("said", "passed_on"),
    [
        ("candidate:1 1 udp 2122260223 192.168.1.44 50012 typ host", None),
        ("candidate:2 1 tcp 1518280447 192.168.1.44 9 typ host tcptype active", None),
        ("candidate:3 1 udp 1686052607 198.51.100.44 1 typ srflx raddr 192.168.1.44 rport 2", None),
        ("candidate:3 1 udp 1686052607 198.51.100.44 1 typ prflx", None),
        ("candidate:typ relay 1 udp 1 198.51.100.44 1 typ host", None),
        ("typ relay", None),
        ("not a candidate at all", None),
        ("", ""),
        (
            "candidate:4 1 udp 41885439 203.0.113.10 61000 typ relay raddr 198.51.100.44 rport 50012 ufrag x1Zf",
            "candidate:4 1 udp 41885439 203.0.113.10 61000 typ relay raddr 0.0.0.0 rport 9 ufrag x1Zf",
        ),
    ],
)
def test_candidate_goes_on_only_when_it_is_the_relays(said: str, passed_on: str | None) -> None:
    assert candidate(said) == passed_on


def test_word_that_there_are_no_more_goes_on() -> None:
    end = Candidate("bo", 7, None)
    assert hidden(end) == end


async def test_seat_that_connects_through_the_relay_alone_shows_no_address_of_its_own(diary: Diary) -> None:
    rooms = Rooms(diary, ice=lambda pass_: Ice(relay_only=not pass_.enters))
    astrid = await Client(rooms, ASTRID).hello()
    assert not (await astrid.hear_last("admitted"))["relay_only"]
    dag = await let_in(astrid, Client(rooms, DAG))
    heard = {message["type"]: message for message in await dag.hear()}
    assert heard["admitted"]["relay_only"]
    generation = heard["make"]["generation"]
    await quiet(astrid)

    def said(kind: str) -> list[dict[str, object]]:
        host, relayed = SDP.split("\r\n")[7], SDP.split("\r\n")[10]
        one = {"generation": generation, "candidate": None}
        return [
            {"generation": generation, "description": {"type": kind, "sdp": SDP}},
            *[{**one, "candidate": {"candidate": line.removeprefix("a=")}} for line in (host, relayed)],
            one,
        ]

    for of_dag, of_astrid in zip(said("answer"), said("offer"), strict=True):
        kind = "description" if "description" in of_dag else "candidate"
        await dag.say(kind, to="astrid", **of_dag)
        await astrid.say(kind, to="dag", **of_astrid)
    for_astrid, for_dag = await astrid.hear(), await dag.hear()
    assert [message["type"] for message in for_astrid] == ["description", "candidate", "candidate"]
    assert not [address for address in OWN if address in json.dumps(for_astrid)]
    assert "203.0.113.10 61000 typ relay" in json.dumps(for_astrid)
    assert for_astrid[-1]["candidate"] is None
    assert [message["type"] for message in for_dag] == ["description", "candidate", "candidate", "candidate"]
    assert for_dag[0]["description"]["sdp"] == SDP


async def test_what_a_fresh_set_of_credentials_says_about_the_relay_counts_from_then_on(diary: Diary) -> None:
    alone = [False, True]
    rooms = Rooms(diary, ice=lambda _: Ice(relay_only=alone.pop(0) if len(alone) > 1 else alone[0]))
    astrid = await Client(rooms, ASTRID).hello()
    assert not astrid.seat.relay_only
    await astrid.say("turn")
    assert (await astrid.hear_last("ice"))["relay_only"]
    assert astrid.seat.relay_only
