"""What the installation's secret keeps: national ids are sealed, and the rosters of rooms are signed.

The secret stands in its own file, never in the database or its backup.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Seal:
    """Seals and opens short texts with authenticated encryption (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secret: bytes) -> None:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"handover national id").derive(secret)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, text: str) -> bytes:
        """The sealed text; the same text is sealed differently each time."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str | None:
        """The text, or None when it was sealed with another key or has been changed."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            return None


class RosterKey:
    """Signs who is in a room (ECDSA P-256, SHA-256). Derived, so it is the same after every restart and in no file."""

    def __init__(self, secret: bytes) -> None:
        # 128 bits more than the order has, so that no key is likelier than another (FIPS 186-5, A.2.1).
        derived = HKDF(hashes.SHA256(), 48, salt=None, info=b"handover roster").derive(secret)
        scalar = int.from_bytes(derived) % (P256_ORDER - 1) + 1
        self._key = ec.derive_private_key(scalar, ec.SECP256R1())
        spki = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public = base64.b64encode(spki).decode()

    def sign(self, roster: bytes) -> str:
        """Base64 of the two halves side by side (IEEE P1363), which is what a browser's WebCrypto verifies."""
        r, s = decode_dss_signature(self._key.sign(roster, ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()


def is_national_id(text: str) -> bool:
    """Whether it can be a Danish CPR number (10 digits, a hyphen after six allowed) or a Norwegian fødselsnummer
    (11 digits). Danish numbers have had no check digit since 2007, so only the shape is judged."""
    digits = text.replace("-", "").replace(" ", "")
    return digits.isascii() and digits.isdigit() and len(digits) in (10, 11)
