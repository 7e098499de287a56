"""Bytes that are kept for long are sealed, so that the database stores nothing it can read."""

import os
from functools import cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runtime.codec import NONCE_BYTES, DamagedPayload
from runtime.keyring import Keyring

_PURPOSE = b"handslag/vault/1"


class Sealed(NamedTuple):
    """Sealed bytes, and the name of the key that opens them."""

    key_id: str
    data: bytes


class Vault:
    """AES-GCM with the keyring's current key, bound to what the bytes belong to."""

    def __init__(self, keyring: Keyring) -> None:
        self._current = keyring.current
        self._cipher = cache(lambda name: AESGCM(keyring.key(name)))

    def seal(self, content: bytes, *belongs_to: str) -> Sealed:
        """Seal bytes so that they open only for the same ids, in the same order."""
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound(self._current, belongs_to)
        sealed = self._cipher(self._current).encrypt(nonce, content, bound)
        return Sealed(self._current, nonce + sealed)

    def open(self, sealed: Sealed, *belongs_to: str) -> bytes:
        """The bytes that were sealed for these ids. Raises UnknownKey and DamagedPayload."""
        cipher = self._cipher(sealed.key_id)
        nonce, data = sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, data, _bound(sealed.key_id, belongs_to))
        except (InvalidTag, ValueError):
            raise DamagedPayload("sealed bytes cannot be opened") from None


def _bound(key_id: str, belongs_to: tuple[str, ...]) -> bytes:
    """Every part goes in with its length, so ("ab", "c") and ("a", "bc") never meet."""
    raw = [part.encode() for part in (key_id, *belongs_to)]
    return _PURPOSE + b"".join(len(part).to_bytes(8, "big") + part for part in raw)
