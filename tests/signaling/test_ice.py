"""TURN credentials are what coturn computes, end in time, and name nobody."""

import base64
import hashlib
import hmac

from signaling.ice import IceServer, ice_servers

SECRET = "static-auth-secret"


def servers(room: str = "talk-1") -> list[IceServer]:
    return ice_servers(
        ["stun:turn.example"], ["turn:turn.example"], SECRET, room=room, expires_at=1795222800.9
    )


def test_credential_is_the_one_coturn_computes_from_its_static_auth_secret() -> None:
    stun, turn = servers()
    assert stun == IceServer(["stun:turn.example"])
    assert turn.username is not None
    expected = base64.b64encode(hmac.digest(SECRET.encode(), turn.username.encode(), hashlib.sha1)).decode()
    assert turn.credential == expected


def test_user_name_starts_with_the_expiry_and_hides_the_room() -> None:
    username = servers()[1].username or ""
    assert username.startswith("1795222800:")
    assert "talk-1" not in username


def test_rooms_get_different_credentials() -> None:
    assert servers("talk-1")[1].username != servers("talk-2")[1].username


def test_no_servers_are_named_where_none_are_configured() -> None:
    assert ice_servers([], [], "", room="talk-1", expires_at=0) == []
