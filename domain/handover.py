"""A handover: facts about what has happened to it; its state follows from them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.pathway import Purpose
from domain.value import HsaId, Instant, Key, Value


class HandoverState(StrEnum):
    """States as the interface names them; computed, never stored by hand."""

    SENT = "sent"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    QUESTION_OPEN = "question_open"
    ACCEPTED = "accepted"
    TAKEN_OVER = "taken_over"
    FIRST_CONTACT = "first_contact"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class DeclineReason(StrEnum):
    """Coded reasons for sending a handover back; *other* needs a text."""

    WRONG_TARGET_GROUP = "wrong_target_group"
    WRONG_UNIT = "wrong_unit"
    NOT_OURS_BY_AGREEMENT = "not_ours_by_agreement"
    OTHER_MUNICIPALITY = "other_municipality"
    NO_CAPACITY = "no_capacity"
    NO_COMPETENCE = "no_competence"
    MATERIAL_MISSING = "material_missing"
    PATIENT_DECLINES = "patient_declines"
    NOT_READY_FOR_DISCHARGE = "not_ready_for_discharge"
    PATIENT_ADMITTED = "patient_admitted"
    DUPLICATE = "duplicate"
    OTHER = "other"


class WithdrawReason(StrEnum):
    """Coded reasons for taking a handover back."""

    NO_LONGER_NEEDED = "no_longer_needed"
    WRONG_RECEIVER = "wrong_receiver"
    WRONG_PATIENT = "wrong_patient"
    PATIENT_DECLINES = "patient_declines"
    SENT_IN_ERROR = "sent_in_error"


class Now(Value):
    """Take over at once."""

    when: Literal["now"] = "now"


class At(Value):
    """Take over at an instant."""

    when: Literal["at"] = "at"
    at: Instant


class OnDischarge(Value):
    """Take over when the patient leaves the ward."""

    when: Literal["on_discharge"] = "on_discharge"


TakesOver = Annotated[Now | At | OnDischarge, Field(discriminator="when")]


class Handover(Value):
    """One handover of one part to one unit function."""

    id: str
    part: Key
    purpose: Purpose
    step: Key | None
    period: int = 1
    from_unit: HsaId
    to_unit: HsaId
    earlier_receivers: tuple[HsaId, ...] = ()
    estimated_discharge_at: Instant | None = None
    sent_at: Instant
    received_at: Instant | None = None
    acknowledged_at: Instant | None = None
    question_since: Instant | None = None
    accepted_at: Instant | None = None
    takes_over: TakesOver | None = None
    taken_over_at: Instant | None = None
    first_contact_at: Instant | None = None
    released_at: Instant | None = None
    declined_at: Instant | None = None
    decline_reason: DeclineReason | None = None
    proposed_unit: HsaId | None = None
    withdrawn_at: Instant | None = None

    @property
    def state(self) -> HandoverState:
        """The last thing that happened."""
        ends = {
            HandoverState.WITHDRAWN: self.withdrawn_at,
            HandoverState.DECLINED: self.declined_at,
            HandoverState.FIRST_CONTACT: self.first_contact_at,
            HandoverState.TAKEN_OVER: self.taken_over_at,
            HandoverState.ACCEPTED: self.accepted_at,
            HandoverState.QUESTION_OPEN: self.question_since,
            HandoverState.ACKNOWLEDGED: self.acknowledged_at,
            HandoverState.RECEIVED: self.received_at,
        }
        return next((state for state, at in ends.items() if at), HandoverState.SENT)

    @property
    def unanswered(self) -> bool:
        """The receiver owes a yes or a no; or, with `inform`, the reading."""
        if self.purpose is Purpose.INFORM:
            return self.state in (HandoverState.SENT, HandoverState.RECEIVED)
        return self.state in UNANSWERED

    @property
    def open(self) -> bool:
        """Sent and neither ended nor done; an open handover has a running clock (promise 2)."""
        if self.state is HandoverState.TAKEN_OVER:
            return self.released_at is None
        return self.unanswered or self.state is HandoverState.ACCEPTED

    @property
    def pending(self) -> bool:
        """The part may still move by this handover."""
        return self.purpose.moves and (self.unanswered or self.state is HandoverState.ACCEPTED)


UNANSWERED = frozenset(
    {
        HandoverState.SENT,
        HandoverState.RECEIVED,
        HandoverState.ACKNOWLEDGED,
        HandoverState.QUESTION_OPEN,
    }
)
