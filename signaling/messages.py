"""What a client may say, parsed once at the edge into dataclasses. PROTOCOL.md has an example of each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, NoReturn

from signaling.errors import Malformed, Unsupported
from signaling.fields import Fields

VERSION = 1
LONGEST_MESSAGE = 64 * 1024  # a description with five media sections is about 10 KB
LONGEST_SDP = 48 * 1024
DEEPEST = 6


@dataclass(frozen=True)
class Held:
    """A peer connection that survived the loss of the socket."""

    peer: str
    generation: int


@dataclass(frozen=True)
class Hello:
    type: ClassVar[str] = "hello"
    version: int
    token: str | None
    device: str | None
    holding: tuple[Held, ...]

    @classmethod
    def parse(cls, fields: Fields) -> "Hello":
        held = tuple(
            Held(f.text("peer", 128), f.integer("generation")) for f in fields.objects("holding", 16)
        )
        return cls(
            fields.integer("version"), fields.optional("token", 512), fields.optional("device", 64), held
        )


@dataclass(frozen=True)
class Knock:
    type: ClassVar[str] = "knock"
    name: str
    relation: str

    @classmethod
    def parse(cls, fields: Fields) -> "Knock":
        return cls(fields.line("name", 80), fields.line("relation", 80))


@dataclass(frozen=True)
class Description:
    type: ClassVar[str] = "description"
    to: str
    generation: int
    description: Mapping[str, str]

    @classmethod
    def parse(cls, fields: Fields) -> "Description":
        inner = fields.object("description")
        kind = inner.one_of("type", ("offer", "answer"))
        description = {"type": kind, "sdp": inner.text("sdp", LONGEST_SDP)}
        return cls(fields.text("to", 128), fields.integer("generation"), description)


@dataclass(frozen=True)
class Candidate:
    type: ClassVar[str] = "candidate"
    to: str
    generation: int
    candidate: Mapping[str, str | int | None] | None  # None: there are no more

    @classmethod
    def parse(cls, fields: Fields) -> "Candidate":
        candidate: dict[str, str | int | None] | None = None
        if fields.given("candidate"):
            inner = fields.object("candidate")
            candidate = {
                "candidate": inner.text("candidate", 2048),
                "sdpMid": inner.optional("sdpMid", 64),
                "sdpMLineIndex": inner.integer("sdpMLineIndex") if inner.given("sdpMLineIndex") else None,
                "usernameFragment": inner.optional("usernameFragment", 256),
            }
        return cls(fields.text("to", 128), fields.integer("generation"), candidate)


@dataclass(frozen=True)
class Recreate:
    type: ClassVar[str] = "recreate"
    peer: str
    generation: int

    @classmethod
    def parse(cls, fields: Fields) -> "Recreate":
        return cls(fields.text("peer", 128), fields.integer("generation"))


@dataclass(frozen=True)
class Media:
    type: ClassVar[str] = "media"
    microphone: bool
    camera: bool
    pictures: bool  # whether this seat wants to be sent the others' pictures

    @classmethod
    def parse(cls, fields: Fields) -> "Media":
        return cls(fields.boolean("microphone"), fields.boolean("camera"), fields.boolean("pictures"))


@dataclass(frozen=True)
class Company:
    type: ClassVar[str] = "company"
    people: tuple[str, ...]

    @classmethod
    def parse(cls, fields: Fields) -> "Company":
        return cls(fields.lines("people", at_most=12, longest=60))


@dataclass(frozen=True)
class _Answer:
    participant: str
    room: str | None

    @classmethod
    def _read(cls, fields: Fields) -> tuple[str, str | None]:
        return fields.text("participant", 128), fields.optional("room", 128)


@dataclass(frozen=True)
class Admit(_Answer):
    type: ClassVar[str] = "admit"

    @classmethod
    def parse(cls, fields: Fields) -> "Admit":
        return cls(*cls._read(fields))


@dataclass(frozen=True)
class Decline(_Answer):
    type: ClassVar[str] = "decline"

    @classmethod
    def parse(cls, fields: Fields) -> "Decline":
        return cls(*cls._read(fields))


@dataclass(frozen=True)
class Remove:
    type: ClassVar[str] = "remove"
    participant: str

    @classmethod
    def parse(cls, fields: Fields) -> "Remove":
        return cls(fields.text("participant", 128))


@dataclass(frozen=True)
class End:
    type: ClassVar[str] = "end"

    @classmethod
    def parse(cls, fields: Fields) -> "End":
        return cls()


@dataclass(frozen=True)
class Bye:
    type: ClassVar[str] = "bye"

    @classmethod
    def parse(cls, fields: Fields) -> "Bye":
        return cls()


@dataclass(frozen=True)
class Ping:
    type: ClassVar[str] = "ping"

    @classmethod
    def parse(cls, fields: Fields) -> "Ping":
        return cls()


FromClient = (
    Hello | Knock | Description | Candidate | Recreate | Media | Company | Admit | Decline | Remove | End
    | Bye | Ping
)  # fmt: skip
PARSERS: dict[str, Callable[[Fields], FromClient]] = {
    Hello.type: Hello.parse,
    Knock.type: Knock.parse,
    Description.type: Description.parse,
    Candidate.type: Candidate.parse,
    Recreate.type: Recreate.parse,
    Media.type: Media.parse,
    Company.type: Company.parse,
    Admit.type: Admit.parse,
    Decline.type: Decline.parse,
    Remove.type: Remove.parse,
    End.type: End.parse,
    Bye.type: Bye.parse,
    Ping.type: Ping.parse,
}


def _no_such_number(text: str) -> NoReturn:
    raise Malformed(f"{text} is not JSON")


def parse(text: str) -> FromClient:
    """The message in a text frame; raises Malformed or Unsupported and nothing else, whatever it is."""
    if len(text) > LONGEST_MESSAGE:
        raise Malformed("the message is too long")
    try:
        decoded = json.loads(text, parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        raise Malformed("the message is not JSON") from None
    fields = Fields.of(decoded, DEEPEST)
    kind = fields.text("type", 32)
    if kind not in PARSERS:
        raise Unsupported("this version does not know the message")
    return PARSERS[kind](fields)
