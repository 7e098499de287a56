"""Ids that are the same each time and can be neither guessed nor read backwards."""

import hashlib
import hmac
from uuid import UUID

_DOMAIN = b"handslag/opaque-id/1"


class OpaqueIds:
    """Ids made by HMAC-SHA256 from a label and some parts.

    The label keeps apart what one secret is used for; every part goes in with its length, so
    ("ab", "c") and ("a", "bc") never meet.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret behind opaque ids must have at least 32 bytes")
        self._secret = secret

    def uuid(self, label: str, *parts: str) -> UUID:
        """A UUID of version 8, the version for one's own layouts."""
        raw = bytearray(self._digest("uuid", label, *parts)[:16])
        raw[6] = (raw[6] & 0x0F) | 0x80
        raw[8] = (raw[8] & 0x3F) | 0x80
        return UUID(bytes=bytes(raw))

    def token(self, label: str, *parts: str) -> str:
        """32 hexadecimal characters."""
        return self._digest("token", label, *parts)[:16].hex()

    def _digest(self, *parts: str) -> bytes:
        mac = hmac.new(self._secret, _DOMAIN, hashlib.sha256)
        for part in parts:
            raw = part.encode()
            mac.update(len(raw).to_bytes(8, "big"))
            mac.update(raw)
        return mac.digest()
