"""Signs as minisign does, so that tests need no key that somebody keeps."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from nacl.signing import SigningKey


@dataclass(frozen=True, slots=True)
class Maker:
    """Somebody with a key."""

    key: SigningKey = field(default_factory=SigningKey.generate)
    number: bytes = b"latchlen"

    def public(self, path: Path) -> Path:
        """Write the public key."""
        raw = b"Ed" + self.number + bytes(self.key.verify_key)
        path.write_text(f"untrusted comment: minisign public key\n{base64.b64encode(raw).decode()}\n")
        return path

    def sign(self, file: Path, comment: str = "made in a test") -> str:
        """The signature of a file."""
        signed = self.key.sign(hashlib.blake2b(file.read_bytes()).digest()).signature
        both = self.key.sign(signed + comment.encode()).signature
        first = base64.b64encode(b"ED" + self.number + signed).decode()
        return (
            f"untrusted comment: x\n{first}\ntrusted comment: {comment}\n{base64.b64encode(both).decode()}\n"
        )
