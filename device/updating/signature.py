"""Minisign signatures: Ed25519 over the BLAKE2b sum of a file, made with `minisign -S` by a trusted key.

Source of the format: https://jedisct1.github.io/minisign/ ("Signature format"). Only the hashed form "ED"
is taken, which minisign has written by default since 0.10.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from device.errors import UpdateError

KEY_FORM, SIGNATURE_FORM = b"Ed", b"ED"
TRUSTED = "trusted comment: "


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whose signatures count."""

    name: str
    number: bytes
    key: bytes


def trusted_keys(folder: Path) -> list[PublicKey]:
    """Every key in a folder.

    Raises:
        UpdateError: one of them is damaged, or there is none.
    """
    keys = [read_key(path) for path in sorted(folder.glob("*.pub"))]
    if not keys:
        raise UpdateError(f"{folder}: holds no key (*.pub), so no release is trusted; put its maker's there")
    return keys


def read_key(path: Path) -> PublicKey:
    """A public key as `minisign -G` writes it."""
    try:
        raw = base64.b64decode(path.read_text(encoding="ascii").splitlines()[1], validate=True)
    except (OSError, ValueError, IndexError):
        raw = b""
    if len(raw) != 42 or raw[:2] != KEY_FORM:
        raise UpdateError(f"{path}: is no public key of minisign; copy it again")
    return PublicKey(path.stem, raw[2:10], raw[10:])


def verify(content: bytes, signature: str, keys: Iterable[PublicKey]) -> PublicKey:
    """The key that signed `content`.

    Raises:
        UpdateError: none of the keys did.
    """
    from nacl.exceptions import BadSignatureError  # noqa: PLC0415 - only who updates needs the library
    from nacl.signing import VerifyKey  # noqa: PLC0415

    number, signed, comment, signed_all = _parsed(signature)
    key = next((each for each in keys if each.number == number), None)
    if key is None:
        raise UpdateError(
            f"the release is signed with the key {number[::-1].hex().upper()}, which is not trusted here; "
            "if it is yours, put its .pub file to the other keys"
        )
    try:
        VerifyKey(key.key).verify(hashlib.blake2b(content).digest(), signed)
        VerifyKey(key.key).verify(signed + comment, signed_all)
    except BadSignatureError:
        raise UpdateError("the release was changed after it was signed; get it again") from None
    return key


def _parsed(signature: str) -> tuple[bytes, bytes, bytes, bytes]:
    """The key's number, the signature, the trusted comment, and the signature over both."""
    try:
        _, first, comment, second = signature.strip().splitlines()
        raw, signed_all = base64.b64decode(first, validate=True), base64.b64decode(second, validate=True)
    except (ValueError, binascii.Error):
        raw, signed_all, comment = b"", b"", ""
    sound = len(raw) == 74 and raw[:2] == SIGNATURE_FORM and len(signed_all) == 64
    if not sound or not comment.startswith(TRUSTED):
        raise UpdateError("the release's signature is damaged; get the release again")
    return raw[2:10], raw[10:], comment.removeprefix(TRUSTED).encode(), signed_all
