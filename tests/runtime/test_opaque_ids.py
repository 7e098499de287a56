"""Ids that can be made again but not read."""

import pytest

from runtime.opaque import OpaqueIds

IDS = OpaqueIds(b"a" * 32)


def test_the_same_parts_give_the_same_id() -> None:
    assert IDS.uuid("journey", "alice", "key-1") == IDS.uuid("journey", "alice", "key-1")
    assert IDS.token("journey", "alice", "key-1") == IDS.token("journey", "alice", "key-1")


def test_it_is_a_uuid_of_version_eight() -> None:
    made = [IDS.uuid("journey", str(number)) for number in range(50)]
    assert {item.version for item in made} == {8}
    assert {item.variant for item in made} == {"specified in RFC 4122"}


@pytest.mark.parametrize(
    "other",
    [
        IDS.uuid("journey", "ab", "c", ""),
        IDS.uuid("journey", "a", "bc"),
        IDS.uuid("journeya", "b", "c"),
        IDS.uuid("journey", "abc"),
        OpaqueIds(b"b" * 32).uuid("journey", "ab", "c"),
    ],
)
def test_nothing_else_gives_the_same_id(other: object) -> None:
    assert IDS.uuid("journey", "ab", "c") != other


def test_a_token_is_not_a_uuid_spelled_differently() -> None:
    token = IDS.token("journey", "alice")
    assert len(token) == 32
    assert int(token, 16) != IDS.uuid("journey", "alice").int


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        OpaqueIds(b"short")
