"""What a seat that must not show where it is may say about its network: the relay's address and no other.

Its browser gathers nothing else when it connects through the relay alone. This is the server's own promise, for an old
page, a browser with a fault, and the own address that browsers put beside the relay's (RFC 8839 section 5.1: `raddr`).
"""

import re
from dataclasses import replace

from signaling.messages import Candidate, Description

RELAYED = re.compile(r"(a=)?candidate:\S+ \d+ \S+ \d+ \S+ \d+ typ relay( |$)", re.ASCII)
RELATED = re.compile(r" raddr \S+ rport \S+")
NOWHERE = " raddr 0.0.0.0 rport 9"
LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
# Where a description names an address beside its candidates: its origin, and where media went before there was ICE.
ADDRESS = re.compile(r"(?<=IN IP)(?:4|6) \S+")


def hidden(message: Description | Candidate) -> Description | Candidate | None:
    """The message with no address in it but the relay's; None when nothing is left to say."""
    if isinstance(message, Description):
        sdp = "".join(_line(line) for line in LINES.findall(message.description["sdp"]))
        return replace(message, description={**message.description, "sdp": sdp})
    candidate = message.candidate
    if candidate is None or not candidate["candidate"]:
        return message  # there are no more
    text = str(candidate["candidate"])
    if not RELAYED.match(text):
        return None
    return replace(message, candidate={**candidate, "candidate": RELATED.sub(NOWHERE, text)})


def _line(line: str) -> str:
    if line.startswith("a=candidate:"):
        return RELATED.sub(NOWHERE, line) if RELAYED.match(line.rstrip("\r\n")) else ""
    if line.startswith("a=remote-candidates:"):
        return ""
    if line.startswith(("o=", "c=", "a=rtcp:")):
        return ADDRESS.sub("4 0.0.0.0", line)
    return line
