"""National ids are kept sealed: the key stands in the secret file, never in the database or its backup."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


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


def is_national_id(text: str) -> bool:
    """Whether it can be a Danish CPR number (10 digits, a hyphen after six allowed) or a Norwegian fødselsnummer
    (11 digits). Danish numbers have had no check digit since 2007, so only the shape is judged."""
    digits = text.replace("-", "").replace(" ", "")
    return digits.isascii() and digits.isdigit() and len(digits) in (10, 11)
