"""Meetings between units, and the coordinated individual plan (SIP) that some of them make."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.participation import Participation
from domain.value import Day, HsaId, Instant, LongText, ShortText, Value


class MeetingKind(StrEnum):
    """What a meeting is for (R-111)."""

    SIP = "sip"
    TEAM = "team"
    GOAL = "goal"
    FOLLOW_UP = "follow_up"
    CASE = "case"


class MeetingState(StrEnum):
    """Where a meeting is."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Summons(Value):
    """When, how and for how long, and which units' functions are called; never named persons."""

    kind: MeetingKind
    starts_at: Instant
    minutes: Annotated[int, Field(ge=5, le=480)] = 60
    mode: Literal["in_person", "video", "phone"]
    place: ShortText | None = None
    units: Annotated[tuple[HsaId, ...], Field(min_length=1, max_length=20)]


class Meeting(Value):
    """A meeting of the journey; `revision` counts its summonses, for calendars."""

    id: str
    summons: Summons
    called_by: HsaId
    state: MeetingState
    revision: Annotated[int, Field(ge=0)] = 0
    called_at: Instant
    ended_at: Instant | None = None


class SipItem(Value):
    """A need, the goal in own and professional words, what is done, and by whom."""

    need: LongText
    goal_own_words: LongText
    goal_professional: LongText
    effort: LongText
    responsible: HsaId


class SipContent(Value):
    """What the plan says: SoL (2025:400) 10:8-9, HSL 16:4; main responsibility is one side's."""

    items: Annotated[tuple[SipItem, ...], Field(min_length=1, max_length=40)]
    others: LongText | None = None
    main_responsibility: Literal["region", "municipality"]
    plan_owner: HsaId
    follow_up_on: Day


class MeetingOutcome(Value):
    """What came of a meeting; a SIP meeting has the plan's content."""

    participants: Annotated[tuple[HsaId, ...], Field(min_length=1, max_length=20)]
    participation: Participation
    decisions: LongText
    sip: SipContent | None = None


class Sip(Value):
    """The SIP process: needed, consent, called, held, followed up."""

    needed: bool
    decided_at: Instant
    decided_by: HsaId
    consent: bool | None = None
    consent_at: Instant | None = None
    called_at: Instant | None = None
    held_at: Instant | None = None
    main_responsibility: Literal["region", "municipality"] | None = None
    plan_owner: HsaId | None = None
    follow_up_on: Day | None = None
    closed_at: Instant | None = None
