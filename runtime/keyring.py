"""The keys that keep payloads and ids unreadable, and the file they live in."""

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from runtime.private_file import create_private, write_private

KEY_BYTES = 32


class KeyringError(Exception):
    """A keyring or a key cannot be used. Its text never holds key material."""


class UnknownKey(KeyringError):
    """Something was sealed with a key that the keyring does not hold."""


_Secret = Annotated[Base64Bytes, Field(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class _KeyringFile(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    current: str
    keys: dict[str, _Secret]
    ids_secret: _Secret


@dataclass(frozen=True, slots=True)
class Keyring:
    """The current key, the older ones that still decrypt, and the secret behind opaque ids."""

    current: str
    keys: dict[str, bytes] = field(repr=False)
    ids_secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise KeyringError(f"the keyring's current key {self.current!r} is not among its keys")

    @classmethod
    def generate(cls) -> Self:
        """A new keyring in memory, with one key."""
        name = _new_name()
        return cls(name, {name: secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new keyring in a file only its owner can read. Raises KeyringError if one is there."""
        keyring = cls.generate()
        try:
            create_private(path, keyring._text())
        except FileExistsError:
            raise KeyringError(f"a keyring is already at {path}") from None
        return keyring

    @classmethod
    def load(cls, path: Path) -> Self:
        """The keyring in a file. Raises KeyringError when it is missing or malformed."""
        try:
            found = _KeyringFile.model_validate_json(path.read_bytes())
        except OSError as error:
            raise KeyringError(f"cannot read the keyring {path}: {error.strerror}") from None
        except ValidationError as error:
            raise KeyringError(f"{path} is no keyring ({error.error_count()} faults)") from None
        return cls(found.current, found.keys, found.ids_secret)

    def rotated(self) -> Self:
        """The same keyring with a fresh current key; the older keys still decrypt."""
        name = _new_name()
        keys = {**self.keys, name: secrets.token_bytes(KEY_BYTES)}
        return replace(self, current=name, keys=keys)

    def save(self, path: Path) -> None:
        """Replace the file at once, readable by its owner only. Raises OSError."""
        write_private(path, self._text())

    def key(self, name: str) -> bytes:
        """The named key. Raises UnknownKey."""
        try:
            return self.keys[name]
        except KeyError:
            raise UnknownKey(f"no key named {name!r} in the keyring") from None

    def _text(self) -> str:
        # Base64Bytes decodes on the way in, so the model is built without validation here.
        file = _KeyringFile.model_construct(
            current=self.current, keys=self.keys, ids_secret=self.ids_secret
        )
        return file.model_dump_json(indent=2)


def _new_name() -> str:
    return secrets.token_hex(4)
