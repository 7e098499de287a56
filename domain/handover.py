"""A handover: facts about what has happened to it; its state follows from them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.call import CallTask
from domain.delay import Delay
from domain.pathway import Purpose
from domain.profession import Profession
from domain.profile import Profile
from domain.value import HsaId, Instant, Key, ShortText, Value


class HandoverState(StrEnum):
    """States as the interface names them; computed, never stored by hand."""

    PRE_NOTICE = "pre_notice"
    SENT = "sent"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    QUESTION_OPEN = "question_open"
    PROPOSED = "proposed"
    DISPUTED = "disputed"
    ON_HOLD = "on_hold"
    ACCEPTED = "accepted"
    CANCELLATION_REQUESTED = "cancellation_requested"
    TAKEN_OVER = "taken_over"
    FIRST_CONTACT = "first_contact"
    COMPLETED = "completed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CEASED = "ceased"


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

# Whoever has got what was not meant for them loses it at once, at any state.
WRONG = (WithdrawReason.WRONG_RECEIVER, WithdrawReason.WRONG_PATIENT)


class Handover(Value):
    """One handover of one part to one unit function.

    `stage` is how far it has come; `state` is the same, unless it stands still for a reason:
    on hold, disputed, or with a cancellation asked for. What was entered by telephone or from
    paper has an instant when it was true and one when it was recorded; with `reading_only` no more
    than the reading waits for its confirmation.
    """

    id: str
    part: Key
    purpose: Purpose
    step: Key | None
    period: int = 1
    bundle: str | None = None
    resends: str | None = None
    profile: Profile = Profile.HEALTH_CARE
    plan_version: int | None = None
    professions: tuple[Profession, ...] = ()
    from_unit: HsaId
    to_unit: HsaId
    earlier_receivers: tuple[HsaId, ...] = ()
    estimated_discharge_at: Instant | None = None
    announced_at: Instant | None = None
    sent_at: Instant | None
    redirected_at: Instant | None = None
    received_at: Instant | None = None
    acknowledged_at: Instant | None = None
    assigned_to: ShortText | None = None
    question_since: Instant | None = None
    proposed_since: Instant | None = None
    proposal: TakesOver | None = None
    accepted_at: Instant | None = None
    takes_over: TakesOver | None = None
    delay: Delay | None = None
    standing: bool = False
    proxied: bool = False
    provisional_since: Instant | None = None
    provisional_by: ShortText | None = None
    on_paper: bool = False
    reading_only: bool = False
    reading_recorded_at: Instant | None = None
    answer_recorded_at: Instant | None = None
    call_task: CallTask | None = None
    calls: int = 0
    cancellation_since: Instant | None = None
    disputed_since: Instant | None = None
    disputed_by: HsaId | None = None
    held_since: Instant | None = None
    taken_over_at: Instant | None = None
    first_contact_at: Instant | None = None
    completed_at: Instant | None = None
    released_at: Instant | None = None
    declined_at: Instant | None = None
    decline_reason: DeclineReason | None = None
    proposed_unit: HsaId | None = None
    withdrawn_at: Instant | None = None
    ceased_at: Instant | None = None

    @property
    def stage(self) -> HandoverState:
        """The last thing that happened."""
        ends = {
            HandoverState.CEASED: self.ceased_at,
            HandoverState.WITHDRAWN: self.withdrawn_at,
            HandoverState.DECLINED: self.declined_at,
            HandoverState.COMPLETED: self.completed_at,
            HandoverState.FIRST_CONTACT: self.first_contact_at,
            HandoverState.TAKEN_OVER: self.taken_over_at,
            HandoverState.ACCEPTED: self.accepted_at,
            HandoverState.PROPOSED: self.proposed_since,
            HandoverState.QUESTION_OPEN: self.question_since,
            HandoverState.ACKNOWLEDGED: self.acknowledged_at,
            HandoverState.RECEIVED: self.received_at,
            HandoverState.SENT: self.sent_at,
        }
        return next((state for state, at in ends.items() if at), HandoverState.PRE_NOTICE)

    @property
    def state(self) -> HandoverState:
        """The stage, or why it stands still there."""
        if not self.open:
            return self.stage
        stands_still = {
            HandoverState.ON_HOLD: self.held_since,
            HandoverState.DISPUTED: self.disputed_since,
            HandoverState.CANCELLATION_REQUESTED: self.cancellation_since,
        }
        return next((state for state, at in stands_still.items() if at), self.stage)

    @property
    def began_at(self) -> Instant:
        """When the receiver first heard of it: by a pre-notice, or by the sending."""
        began = self.announced_at or self.sent_at
        assert began is not None, "a handover begins with a pre-notice or a sending"
        return began

    @property
    def unanswered(self) -> bool:
        """The receiver owes a yes or a no; or, with `inform`, the reading."""
        if self.purpose is Purpose.INFORM:
            return self.stage in (HandoverState.SENT, HandoverState.RECEIVED)
        return self.stage in UNANSWERED

    @property
    def awaits_take_over(self) -> bool:
        """Accepted, and the take-over instant has not come."""
        return self.stage is HandoverState.ACCEPTED

    @property
    def unconfirmed(self) -> bool:
        """Its yes or no was entered late, and moves nothing until it is confirmed."""
        return self.provisional_since is not None and not self.reading_only

    @property
    def open(self) -> bool:
        """Begun and neither ended nor done; an open handover has a running clock (promise 2)."""
        if self.stage is HandoverState.TAKEN_OVER:
            return self.released_at is None
        early = self.stage is HandoverState.PRE_NOTICE
        return early or self.unanswered or self.awaits_take_over

    @property
    def pending(self) -> bool:
        """The part may still move by this handover."""
        early = self.stage is HandoverState.PRE_NOTICE
        return self.purpose.moves and (early or self.unanswered or self.awaits_take_over)


UNANSWERED = frozenset(
    {
        HandoverState.SENT,
        HandoverState.RECEIVED,
        HandoverState.ACKNOWLEDGED,
        HandoverState.QUESTION_OPEN,
        HandoverState.PROPOSED,
    }
)
