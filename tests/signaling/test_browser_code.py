"""The code that people read to each other, and the owner's signature, against what PROTOCOL.md says of them."""

import base64
import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.signaling.pages import Open


def code_of(fingerprints: list[str]) -> str:
    """The check code as PROTOCOL.md describes it."""
    derived = hashlib.pbkdf2_hmac(
        "sha256", "\n".join(sorted(fingerprints)).encode(), b"check code 1", 200_000, 8
    )
    digits = f"{int.from_bytes(derived) % 10**8:08}"
    return f"{digits[:4]} {digits[4:]}"


async def test_check_code_is_the_protocols_whatever_the_order(open_page: Open) -> None:
    page = await open_page("staff=astrid")
    ours = ["sha-256 4A:7C", "sha-256 09:E1", "sha-256 FF:00"]
    codes = await page.evaluate(
        """async (lists) => {
            const { checkCode } = await import("/browser/check_code.js");
            return Promise.all(lists.map((list) => checkCode(list)));
        }""",
        [ours, ours[::-1], [*ours[:2], "sha-256 FF:01"]],
    )
    assert codes == [code_of(ours), code_of(ours), code_of([*ours[:2], "sha-256 FF:01"])]
    assert codes[0] != codes[2]


async def test_signature_fits_one_roster_of_one_room_only(open_page: Open) -> None:
    page = await open_page("staff=astrid")
    key = ec.generate_private_key(ec.SECP256R1())
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    entry = {"participant": "bo", "role": "nurse", "name": "Bo Åse", "fingerprint": "sha-256 4A:7C"}
    signed = "roster 1\n5f2c\nbo\x1fnurse\x1fBo Åse\x1fsha-256 4A:7C"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()
    cases = [
        ["5f2c", [entry], signature],
        ["other", [entry], signature],
        ["5f2c", [{**entry, "fingerprint": "sha-256 4A:7D"}], signature],
        ["5f2c", [entry, entry], signature],
        ["5f2c", [entry], ""],
        ["5f2c", [entry], "not base64!"],
    ]
    verdicts = await page.evaluate(
        """async ([key, cases]) => {
            const { signed } = await import("/browser/check_code.js");
            return Promise.all(cases.map(([room, roster, signature]) => signed(key, room, roster, signature)));
        }""",
        [base64.b64encode(spki).decode(), cases],
    )
    assert verdicts == [True, False, False, False, False, False]
