"""Keys in a file, and payloads sealed with them."""

import stat
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload

from runtime.codec import ENCODING, DamagedPayload, KeyringCodec
from runtime.keyring import Keyring, KeyringError, UnknownKey

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"hemligt"')


async def test_what_is_sealed_is_unreadable_and_opens_to_the_same() -> None:
    codec = KeyringCodec(Keyring.generate())
    [sealed] = await codec.encode([PLAIN])
    assert sealed.metadata["encoding"] == ENCODING
    assert b"hemligt" not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()
    assert await codec.decode([sealed]) == [PLAIN]


async def test_the_same_payload_is_never_sealed_alike() -> None:
    codec = KeyringCodec(Keyring.generate())
    first, second = await codec.encode([PLAIN, PLAIN])
    assert first.data != second.data


async def test_an_older_key_still_opens_after_a_rotation() -> None:
    before = Keyring.generate()
    after = before.rotated()
    [old] = await KeyringCodec(before).encode([PLAIN])
    [new] = await KeyringCodec(after).encode([PLAIN])
    assert old.metadata["key-id"] != new.metadata["key-id"]
    assert await KeyringCodec(after).decode([old, new]) == [PLAIN, PLAIN]


async def test_a_key_we_do_not_hold_is_named_and_nothing_else_is() -> None:
    keyring = Keyring.generate()
    [sealed] = await KeyringCodec(keyring).encode([PLAIN])
    with pytest.raises(UnknownKey, match=keyring.current) as refused:
        await KeyringCodec(Keyring.generate()).decode([sealed])
    assert sealed.data.hex() not in str(refused.value)


async def test_an_altered_payload_is_refused() -> None:
    codec = KeyringCodec(Keyring.generate())
    [sealed] = await codec.encode([PLAIN])
    for data in (sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]), sealed.data[:20], b""):
        with pytest.raises(DamagedPayload):
            await codec.decode([Payload(metadata=sealed.metadata, data=data)])


async def test_a_payload_cannot_be_passed_off_under_another_key_name() -> None:
    secret = Keyring.generate().keys
    [(name, key)] = secret.items()
    twins = Keyring(name, {name: key, "twin": key}, b"s" * 32)
    [sealed] = await KeyringCodec(twins).encode([PLAIN])
    sealed.metadata["key-id"] = b"twin"
    with pytest.raises(DamagedPayload):
        await KeyringCodec(twins).decode([sealed])


async def test_what_was_stored_before_sealing_began_is_readable() -> None:
    assert await KeyringCodec(Keyring.generate()).decode([PLAIN]) == [PLAIN]


def test_a_keyring_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keyring.json"
    created = Keyring.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keyring.load(path) == created
    created.rotated().save(path)
    assert set(created.keys) < set(Keyring.load(path).keys)


def test_a_keyring_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    created = Keyring.create(path)
    with pytest.raises(KeyringError, match="already"):
        Keyring.create(path)
    assert Keyring.load(path) == created
    assert list(tmp_path.iterdir()) == [path]


def test_a_faulty_keyring_is_refused_without_being_quoted(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    with pytest.raises(KeyringError, match="cannot read"):
        Keyring.load(path)
    path.write_text('{"current": "a", "keys": {"a": "c2hvcnQ="}, "ids_secret": "c2hvcnQ="}')
    with pytest.raises(KeyringError, match="is no keyring") as refused:
        Keyring.load(path)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_keyring_does_not_show_its_keys() -> None:
    keyring = Keyring.generate()
    assert repr(keyring) == f"Keyring(current={keyring.current!r})"
