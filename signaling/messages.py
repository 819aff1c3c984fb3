"""What a client may say, parsed once at the edge into dataclasses. PROTOCOL.md has an example of each."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, NoReturn, Self

from signaling.errors import Malformed, Unsupported
from signaling.fields import Fields

VERSION = 1
LONGEST_MESSAGE = 64 * 1024  # a description with five media sections is about 10 KB
LONGEST_SDP = 48 * 1024
DEEPEST = 6
LONGEST_LINE = 1000
SLOWEST_FRAME = 10 * 60 * 1000  # milliseconds; a longer one is a clock that jumped
QUALITIES = ("", "good", "fair", "poor", "lost")
MESSAGE_CODE = re.compile(r"[a-z][a-z-]*")
# As browsers tell it (RFC 8122, either case). One form only: it is signed in lines with separators.
FINGERPRINT = re.compile(r"[a-z0-9-]+ [0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*")


@dataclass(frozen=True)
class Held:
    """A peer connection that survived the loss of the socket."""

    peer: str
    generation: int
    offerer: str  # empty from a page that does not know any more

    @classmethod
    def read(cls, fields: Fields) -> "Held":
        return cls(
            fields.text("peer", 128), fields.integer("generation"), fields.optional("offerer", 128) or ""
        )


@dataclass(frozen=True)
class Hello:
    type: ClassVar[str] = "hello"
    version: int
    token: str | None
    device: str | None
    fingerprint: str  # of the certificate of all this page's connections; empty when it tells none
    holding: tuple[Held, ...]

    @classmethod
    def parse(cls, fields: Fields) -> "Hello":
        tells = bool(fields.optional("fingerprint", 200))
        return cls(
            fields.integer("version"),
            fields.optional("token", 512),
            fields.optional("device", 64),
            fields.matching("fingerprint", FINGERPRINT, 200) if tells else "",
            tuple(Held.read(one) for one in fields.objects("holding", 16)),
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
class _Connection:
    peer: str
    generation: int

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.text("peer", 128), fields.integer("generation"))


@dataclass(frozen=True)
class Recreate(_Connection):
    type: ClassVar[str] = "recreate"


@dataclass(frozen=True)
class Restart(_Connection):
    type: ClassVar[str] = "restart"


@dataclass(frozen=True)
class Media:
    type: ClassVar[str] = "media"
    microphone: bool
    camera: bool
    pictures: bool  # whether this seat wants to be sent the others' pictures
    hand: bool = False  # raised
    sharing: bool = False  # a screen instead of the camera
    signing: bool = False  # speaks sign language, so that the picture shrinks last
    quality: str = ""  # how this seat's own line is

    @classmethod
    def parse(cls, fields: Fields) -> "Media":
        return cls(
            fields.boolean("microphone"),
            fields.boolean("camera"),
            fields.boolean("pictures"),
            fields.boolean("hand", default=False),
            fields.boolean("sharing", default=False),
            fields.boolean("signing", default=False),
            fields.one_of("quality", QUALITIES) if fields.given("quality") else "",
        )


@dataclass(frozen=True)
class Text:
    type: ClassVar[str] = "text"
    line: int
    text: str  # the whole line as it is now
    done: bool

    @classmethod
    def parse(cls, fields: Fields) -> "Text":
        return cls(
            fields.integer("line"), fields.text("text", LONGEST_LINE), fields.boolean("done", default=False)
        )


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
    def parse(cls, fields: Fields) -> Self:
        return cls(fields.text("participant", 128), fields.optional("room", 128))


@dataclass(frozen=True)
class Admit(_Answer):
    type: ClassVar[str] = "admit"


@dataclass(frozen=True)
class Decline(_Answer):
    type: ClassVar[str] = "decline"


@dataclass(frozen=True)
class Notify:
    type: ClassVar[str] = "notify"
    message: str  # a code; the page that shows it has the words
    participant: str | None
    room: str | None

    @classmethod
    def parse(cls, fields: Fields) -> "Notify":
        message = fields.matching("message", MESSAGE_CODE, 40)
        return cls(message, fields.optional("participant", 128), fields.optional("room", 128))


@dataclass(frozen=True)
class Remove:
    type: ClassVar[str] = "remove"
    participant: str

    @classmethod
    def parse(cls, fields: Fields) -> "Remove":
        return cls(fields.text("participant", 128))


@dataclass(frozen=True)
class _Bare:
    @classmethod
    def parse(cls, fields: Fields) -> Self:
        return cls()


@dataclass(frozen=True)
class End(_Bare):
    type: ClassVar[str] = "end"


@dataclass(frozen=True)
class Turn(_Bare):
    type: ClassVar[str] = "turn"


@dataclass(frozen=True)
class Report:
    type: ClassVar[str] = "report"
    first_frame: int | None  # milliseconds from the first `make` to the first picture
    relayed: bool | None

    @classmethod
    def parse(cls, fields: Fields) -> "Report":
        first_frame = fields.integer("first_frame") if fields.given("first_frame") else None
        if first_frame is not None and first_frame > SLOWEST_FRAME:
            raise Malformed("first_frame is longer than any call takes to begin")
        return cls(first_frame, fields.boolean("relayed") if fields.given("relayed") else None)


@dataclass(frozen=True)
class Bye(_Bare):
    type: ClassVar[str] = "bye"


@dataclass(frozen=True)
class Ping(_Bare):
    type: ClassVar[str] = "ping"


FromClient = (
    Hello | Knock | Description | Candidate | Recreate | Restart | Media | Text | Company | Admit | Decline
    | Notify | Remove | End | Turn | Report | Bye | Ping
)  # fmt: skip
MESSAGES: tuple[type[FromClient], ...] = (
    Hello, Knock, Description, Candidate, Recreate, Restart, Media, Text, Company, Admit, Decline,
    Notify, Remove, End, Turn, Report, Bye, Ping,
)  # fmt: skip
PARSERS: dict[str, Callable[[Fields], FromClient]] = {kind.type: kind.parse for kind in MESSAGES}


def _no_such_number(text: str) -> NoReturn:
    raise Malformed(f"{text} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_such_number)


def parse(text: str) -> FromClient:
    """The message in a text frame; raises Malformed or Unsupported and nothing else, whatever it is."""
    if len(text) > LONGEST_MESSAGE:
        raise Malformed("the message is too long")
    try:
        decoded = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Malformed("the message is not JSON") from None
    fields = Fields.of(decoded)
    if text.count("{") + text.count("[") > DEEPEST:  # it may nest too deep; most messages cannot
        fields.check_depth(DEEPEST)
    kind = fields.text("type", 32)
    if kind not in PARSERS:
        raise Unsupported("this version does not know the message")
    return PARSERS[kind](fields)
