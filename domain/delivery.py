"""What becomes of a notice: attempts, digests and dead letters, and who may see to them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from domain.journey import Actor, Role
from domain.notice import Notice, NoticeKind
from domain.refusal import Refused
from domain.unit import Unit
from domain.unit_change import must_administer
from domain.value import HsaId, Instant, Value


class Standing(StrEnum):
    """How far a notice has come; `silenced`: nobody is to be told any more."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    SILENCED = "silenced"


class Outcome(StrEnum):
    """How an attempt ended; `unknown`: it was begun, and whoever made it never told."""

    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Attempt(NamedTuple):
    """An attempt that has been written down, at one notice or at all those of a digest.

    `numbers` are the numbers of the attempt, in the order of `notices`.
    """

    notices: tuple[Notice, ...]
    numbers: tuple[int, ...]

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Notice and number of each."""
        return [(n.id, number) for n, number in zip(self.notices, self.numbers, strict=True)]


class UnderWay(NamedTuple):
    """A delivery that was begun: its place in the outbox, and what its workflow is named by."""

    ordinal: int
    notice_id: str
    resent: int


class Tried(Value):
    """One attempt at a delivery, as it is shown."""

    number: int
    at: Instant
    outcome: Outcome
    error: str | None


class Delivery(Value):
    """A notice and what became of it; no address, and nothing about the patient.

    `waits_until` is when it will first be tried, where something holds it back: quiet hours, or
    the digest of its address. `resent` counts how often a person had it sent again.
    """

    id: str
    journey_id: str
    at: Instant
    kind: str
    rung: str | None
    clock_id: str | None
    subject: str
    unit: HsaId
    function: str
    channel: str
    state: Standing
    waits_until: Instant | None
    in_digest: bool
    resent: int
    attempts: tuple[Tried, ...]
    error: str | None
    delivered_at: Instant | None
    dead_at: Instant | None
    silenced_at: Instant | None


# Somebody has to act or to stop within the hour, or has been told the opposite before.
NEVER_DIGESTED = frozenset(
    {
        NoticeKind.ALARM,
        NoticeKind.CALL_TASK,
        NoticeKind.RESPONSIBILITY_DISPUTED,
        NoticeKind.REDIRECT_STOPPED,
        NoticeKind.PART_RETURNED,
        NoticeKind.HANDOVER_WITHDRAWN,
        NoticeKind.MEETING_CANCELLED,
        NoticeKind.PATIENT_DECEASED,
        NoticeKind.DEATH_UNDONE,
    }
)
_OF_THEIR_UNIT = frozenset({Role.COORDINATOR, Role.UNIT_MANAGER})
_OF_THEIR_ORGANISATION = frozenset({Role.CATALOGUE, Role.OPERATIONS_MANAGER})


def deliveries_seen_by(
    actor: Actor, own: tuple[HsaId, ...], units: Mapping[str, Unit]
) -> tuple[HsaId, ...]:
    """The units whose deliveries somebody may list; `own` are those that the unit acts for.

    Operators see all: a dead letter is theirs to mend, and says nothing about a patient. Raises
    `Refused("role_not_enough")`.
    """
    roles = set(actor.roles)
    if Role.OPERATOR in roles:
        return tuple(units)
    seen = dict.fromkeys(own if roles & _OF_THEIR_UNIT else ())
    if roles & _OF_THEIR_ORGANISATION:
        home = units[actor.unit].organisation
        seen |= dict.fromkeys(k for k, u in units.items() if u.organisation == home)
    if not seen:
        raise Refused("role_not_enough")
    return tuple(seen)


def must_resend(actor: Actor, unit: str, units: Mapping[str, Unit]) -> None:
    """Operators, and whoever keeps the catalogue of the unit's organisation.

    Raises `Refused`; a unit that is not known yet, as a moment after its making, is as no delivery.
    """
    if unit not in units:
        raise Refused("delivery_unknown")
    if Role.OPERATOR not in actor.roles:
        must_administer(actor, units[unit].organisation, units)
