"""Payloads leave this process sealed, so that the engine stores nothing it can read."""

import os
import zlib
from collections.abc import Sequence
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from runtime.keyring import Keyring

ENCODING = b"binary/handslag-aes256gcm"
NONCE_BYTES = 12
# Sealed bytes cannot be packed later, and the engine keeps every one of them.
FASTEST = 1


class DamagedPayload(Exception):
    """A sealed payload was altered, cut, or sealed with another key of the same name."""


class KeyringCodec(PayloadCodec):
    """Packed, then AES-GCM with the keyring's current key; its name travels in the metadata."""

    def __init__(self, keyring: Keyring) -> None:
        self._current = keyring.current
        self._cipher = cache(lambda name: AESGCM(keyring.key(name)))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal every payload, metadata included."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open what is sealed; what was stored before sealing began passes as it is.

        Raises UnknownKey and DamagedPayload.
        """
        return [self._open(p) if p.metadata.get("encoding") == ENCODING else p for p in payloads]

    def _seal(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        key_id = self._current.encode()
        sealed = self._cipher(self._current).encrypt(
            nonce, zlib.compress(payload.SerializeToString(), FASTEST), _bound(key_id)
        )
        return Payload(metadata={"encoding": ENCODING, "key-id": key_id}, data=nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        key_id = payload.metadata.get("key-id", b"")
        cipher = self._cipher(key_id.decode(errors="replace"))
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            packed = cipher.decrypt(nonce, sealed, _bound(key_id))
            return Payload.FromString(zlib.decompress(packed))
        except (InvalidTag, ValueError, DecodeError, zlib.error):
            raise DamagedPayload("a sealed payload cannot be opened") from None


def _bound(key_id: bytes) -> bytes:
    return ENCODING + b"\0" + key_id
