"""Bytes sealed for long: unreadable, bound to what they belong to, and never garbage."""

from dataclasses import replace

import pytest

from runtime.codec import DamagedPayload
from runtime.keyring import Keyring, UnknownKey
from runtime.vault import Sealed, Vault

PLAIN = b"Testpatient 01 har fallit. " * 40
IDS = ("attachment-1", "journey-1")


@pytest.mark.parametrize("content", [PLAIN, b"", b"\0", bytes(range(256)) * 4096])
def test_what_is_sealed_opens_to_the_same(content: bytes) -> None:
    vault = Vault(Keyring.generate())

    sealed = vault.seal(content, *IDS)

    assert vault.open(sealed, *IDS) == content


def test_what_is_sealed_is_unreadable_and_never_alike() -> None:
    vault = Vault(Keyring.generate())

    first, second = vault.seal(PLAIN, *IDS), vault.seal(PLAIN, *IDS)

    assert b"Testpatient" not in first.data
    assert first.data != second.data


@pytest.mark.parametrize(
    "ids",
    [
        (),
        ("attachment-1",),
        ("attachment-2", "journey-1"),
        ("attachment-1", "journey-2"),
        ("journey-1", "attachment-1"),
        ("attachment-1j", "ourney-1"),
        ("attachment-1journey-1",),
        (*IDS, ""),
    ],
)
def test_bytes_moved_to_another_place_do_not_open(ids: tuple[str, ...]) -> None:
    vault = Vault(Keyring.generate())
    sealed = vault.seal(PLAIN, *IDS)

    with pytest.raises(DamagedPayload):
        vault.open(sealed, *ids)


@pytest.mark.parametrize("place", [0, 11, 12, 500, -17, -1])
def test_one_altered_bit_is_enough_not_to_open(place: int) -> None:
    vault = Vault(Keyring.generate())
    sealed = vault.seal(PLAIN, *IDS)
    altered = bytearray(sealed.data)
    altered[place] ^= 1

    with pytest.raises(DamagedPayload):
        vault.open(Sealed(sealed.key_id, bytes(altered)), *IDS)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 27, 28, 200])
def test_bytes_that_were_cut_do_not_open(length: int) -> None:
    vault = Vault(Keyring.generate())
    sealed = vault.seal(PLAIN, *IDS)

    with pytest.raises(DamagedPayload):
        vault.open(Sealed(sealed.key_id, sealed.data[:length]), *IDS)


def test_an_older_key_still_opens_after_a_rotation_and_new_bytes_get_the_new_key() -> None:
    before = Keyring.generate()
    after = before.rotated()
    old = Vault(before).seal(PLAIN, *IDS)

    new = Vault(after).seal(PLAIN, *IDS)

    assert (old.key_id, new.key_id) == (before.current, after.current)
    assert [Vault(after).open(sealed, *IDS) for sealed in (old, new)] == [PLAIN, PLAIN]


def test_a_key_we_do_not_hold_is_named() -> None:
    sealed = Vault(Keyring.generate()).seal(PLAIN, *IDS)

    with pytest.raises(UnknownKey, match=sealed.key_id):
        Vault(Keyring.generate()).open(sealed, *IDS)


def test_another_key_of_the_same_name_does_not_open() -> None:
    keyring, other = Keyring.generate(), Keyring.generate()
    twin = replace(
        other, current=keyring.current, keys={keyring.current: other.keys[other.current]}
    )
    sealed = Vault(keyring).seal(PLAIN, *IDS)

    with pytest.raises(DamagedPayload):
        Vault(twin).open(sealed, *IDS)


def test_bytes_cannot_be_passed_off_under_another_key_name() -> None:
    keyring = Keyring.generate()
    twins = replace(keyring, keys={**keyring.keys, "twin": keyring.keys[keyring.current]})
    sealed = Vault(twins).seal(PLAIN, *IDS)

    with pytest.raises(DamagedPayload):
        Vault(twins).open(Sealed("twin", sealed.data), *IDS)
