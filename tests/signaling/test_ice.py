"""TURN credentials are what coturn computes, end in time, and name nobody."""

import base64
import hashlib
import hmac

from signaling.ice import IceServer, ice_servers

SECRET = "static-auth-secret"


def servers(room: str = "talk-1", participant: str = "dag") -> list[IceServer]:
    return ice_servers(
        ["stun:turn.example"],
        ["turn:turn.example"],
        SECRET,
        room=room,
        participant=participant,
        expires_at=1795222800.9,
    )


def test_credential_is_the_one_coturn_computes_from_its_static_auth_secret() -> None:
    stun, turn = servers()
    assert stun == IceServer(["stun:turn.example"])
    assert turn.username is not None
    expected = base64.b64encode(hmac.digest(SECRET.encode(), turn.username.encode(), hashlib.sha1)).decode()
    assert turn.credential == expected


def test_user_name_starts_with_the_expiry_and_hides_room_and_participant() -> None:
    username = servers()[1].username or ""
    assert username.startswith("1795222800:")
    assert "talk-1" not in username
    assert "dag" not in username


def test_rooms_and_participants_get_names_of_their_own() -> None:
    pairs = [("talk-1", "dag"), ("talk-1", "bo"), ("talk-2", "dag"), ("talk-1d", "ag")]
    assert len({servers(room, participant)[1].username for room, participant in pairs}) == len(pairs)
    assert servers() == servers()


def test_no_servers_are_named_where_none_are_configured() -> None:
    assert ice_servers([], [], "", room="talk-1", participant="dag", expires_at=0) == []
