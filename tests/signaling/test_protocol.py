"""PROTOCOL.md says what the code does: every message, every example, every error and close code."""

import dataclasses
import json
import re
from pathlib import Path

from signaling import errors
from signaling.announcements import ANNOUNCEMENTS
from signaling.messages import PARSERS, VERSION, parse

TEXT = (Path(errors.__file__).parent / "PROTOCOL.md").read_text()


def examples(title: str) -> list[tuple[str, dict[str, object]]]:
    """Heading and example of each message in one half of the document."""
    half = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    found = re.findall(r"^### `(\w+)`\n.*?```json\n(.*?)```", half, re.MULTILINE | re.DOTALL)
    assert len(found) == half.count("\n### ")
    return [(name, json.loads(example)) for name, example in found]


def test_every_message_of_a_client_is_documented_with_an_example_that_parses() -> None:
    documented = examples("From the client")
    assert [name for name, _ in documented] == list(PARSERS)
    for name, example in documented:
        assert parse(json.dumps(example)).type == name


def test_every_member_of_a_clients_message_is_in_its_example() -> None:
    for _, example in examples("From the client"):
        members = {field.name for field in dataclasses.fields(parse(json.dumps(example)))}
        assert members == set(example) - {"type"}


def test_every_message_of_the_server_is_documented_with_all_its_members() -> None:
    documented = examples("From the server")
    assert [name for name, _ in documented] == [message.type for message in ANNOUNCEMENTS]
    for (_, example), message in zip(documented, ANNOUNCEMENTS, strict=True):
        members = {field.name.replace("sender", "from") for field in dataclasses.fields(message)}
        assert set(example) == {"type"} | members


def test_every_error_code_is_documented() -> None:
    codes = {kind.code for kind in errors.SignalingError.__subclasses__()}
    assert codes == set(re.findall(r"^\| `([\w-]+)` \|", TEXT, re.MULTILINE))


def test_every_close_code_is_documented_with_its_reason() -> None:
    documented = dict(re.findall(r"^\| (\d{4}) \| ([^|]+) \|", TEXT, re.MULTILINE))
    del documented["1009"]  # the WebSocket layer's own
    assert documented == {str(why.code): why.reason for why in errors.Close}


def test_the_documented_version_is_the_one_spoken_on_both_sides() -> None:
    channel = (Path(errors.__file__).parent / "browser" / "channel.js").read_text()
    assert f"# The signaling protocol, version {VERSION}\n" in TEXT
    assert f"export const VERSION = {VERSION};" in channel
