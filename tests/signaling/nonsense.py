"""Messages no client of ours would send: seeded, so that a failure can be had again."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

IDS = ("astrid", "bo", "ellen", "dag", "mallory", "witness", "another witness", "", "__proto__", "x" * 200)
CURRENT = "@generation@"  # stands for the generation of a connection the sender really has
VALID: tuple[dict[str, Any], ...] = (
    {"type": "hello", "version": 1, "token": "dag", "device": "d" * 32, "holding": [{"peer": "bo", "generation": 1}]},
    {"type": "hello", "version": 2},
    {"type": "knock", "name": "Mallory", "relation": "son"},
    {"type": "description", "to": "bo", "generation": CURRENT, "description": {"type": "offer", "sdp": "v=0"}},
    {"type": "description", "to": "bo", "generation": CURRENT, "description": {"type": "answer", "sdp": "v=0"}},
    {"type": "candidate", "to": "bo", "generation": CURRENT, "candidate": {"candidate": "c", "sdpMLineIndex": 0}},
    {"type": "candidate", "to": "bo", "generation": CURRENT, "candidate": None},
    {"type": "recreate", "peer": "bo", "generation": CURRENT},
    {"type": "restart", "peer": "bo", "generation": CURRENT},
    {"type": "media", "microphone": True, "camera": False, "pictures": True, "hand": True, "quality": "poor"},
    {"type": "text", "line": 1, "text": "Helo", "done": False},
    {"type": "company", "people": ["Ellen", "her daughter"]},
    {"type": "admit", "participant": "dag", "room": "5f2c"},
    {"type": "decline", "participant": "dag"},
    {"type": "notify", "message": "a-few-minutes-late", "participant": "dag", "room": "5f2c"},
    {"type": "remove", "participant": "ellen"},
    {"type": "end"},
    {"type": "turn"},
    {"type": "report", "first_frame": 900, "relayed": True},
    {"type": "bye"},
    {"type": "ping"},
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 2**53, 10**400,
    "", "offer", "\ud800", "\x00", "\u202e", "x" * 90, "x" * 2_000,
    [], [[]], [None], ["x"] * 20, {}, {"type": "offer"}, {"type": "rollback", "sdp": ""}, {"candidate": ["x"]}, CURRENT,
)  # fmt: skip
WHOLE = (
    "", " ", "{", "}", "[]", "null", "1", '"ping"', "NaN", '{"type":NaN}', "{}" * 3, '{"type":"ping"}x', "\ufeff{}",
    "\x00", '{"type":"ping","type":"end"}', '{"type":"\\ud800"}', "[" * 10_000, '{"type":' * 10_000,
    '{"type":"ping","x":' + "[" * 10_000 + "]" * 10_000 + "}", '{"type":"ping","x":"' + "x" * 1_000_000 + '"}',
    '{"type":"text","line":1,"text":"' + "\\ud83d" * 900 + '"}', '{"type":"recreate","generation":' + "9" * 5_000 + "}",
)  # fmt: skip


def nonsense(random: Random) -> Iterator[str]:
    """One text frame after another, for ever; about every third is a message that somebody may send."""
    while True:
        kind = random.random()
        if kind < 0.02:
            yield random.choice(WHOLE)
            continue
        message = dict(random.choice(VALID))
        if kind > 0.35:
            _spoil(message, random)
        text = json.dumps(message | {"from": random.choice(IDS)})
        yield _damaged(text, random) if kind > 0.9 else text


def _spoil(message: dict[str, Any], random: Random) -> None:
    for _ in range(random.randint(1, 3)):
        name = random.choice([*message, "to", "peer", "participant", "room", "sender", "__class__"])
        if name in ("to", "peer", "participant") and random.random() < 0.7:
            message[name] = random.choice(IDS)
        elif name == "type" and random.random() < 0.8:
            message[name] = random.choice(VALID)["type"]
        elif random.random() < 0.2:
            message.pop(name, None)
        else:
            message[name] = random.choice(ODD)


def _damaged(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    return text[:at] + random.choice(("", '"', "{", "\\", "\x00", "\ud800", ",,", "é")) + text[at + 1 :]
