"""Reading plans, meetings and the thread. Every read names the units it is for."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Row, Text, case, cast, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.meeting import Meeting, MeetingOutcome
from domain.plan import Plan, PlanVersion
from domain.summary import Summary
from store import journeys
from store import tables as t

# Whoever got a handover that ended so keeps nothing of what came with it.
GONE = ("withdrawn", "declined", "ceased")


class FoundPlan(NamedTuple):
    """A version, and its content where the units may see it."""

    version: PlanVersion
    content: Plan | None


class FoundMeeting(NamedTuple):
    """A meeting, and what came of it once it was held."""

    meeting: Meeting
    outcome: MeetingOutcome | None


class FoundInvitation(NamedTuple):
    """A meeting, and how its patient is protected, for those who may know."""

    meeting: Meeting
    protection: str | None


async def plan_reader(
    connection: AsyncConnection, journey_id: str, units: Sequence[str]
) -> Summary | None:
    """The journey's own line, for units that are or were part of it, or have got a plan of it."""
    brought = exists().where(
        t.handover.c.journey_id == t.journey.c.id,
        t.handover.c.body["plan_version"].as_integer().is_not(None),
        _received(units),
    )
    wanted = select(t.journey).where(
        t.journey.c.id == journey_id, or_(_involved(t.journey.c.id, units), brought)
    )
    line = (await connection.execute(wanted)).first()
    if line is None:
        return None
    return Summary.model_validate({name: getattr(line, name) for name in journeys.SUMMARY})


async def plans(
    connection: AsyncConnection, journey_id: str, units: Sequence[str]
) -> list[FoundPlan]:
    """The versions of a journey's plan, in order; content for those whose it is.

    That is the organisation that owns it, and the units to which a handover has disclosed it. A
    unit that is no part of the journey sees only what was disclosed to it.
    """
    own = t.plan.c.organisation.in_(select(t.unit.c.organisation).where(t.unit.c.hsa_id.in_(units)))
    disclosed = exists().where(
        t.handover.c.journey_id == t.plan.c.journey_id,
        t.handover.c.body["plan_version"].as_integer() == t.plan.c.number,
        _received(units),
    )
    wanted = (
        select(t.plan.c.body, case((or_(own, disclosed), t.plan.c.content)).label("content"))
        .where(
            t.plan.c.journey_id == journey_id,
            or_(_involved(t.plan.c.journey_id, units), disclosed),
        )
        .order_by(t.plan.c.number)
    )
    return [_plan(row) for row in await connection.execute(wanted)]


async def what_matters(
    connection: AsyncConnection, journey_id: str, units: Sequence[str]
) -> str | None:
    """What matters to the patient, as the newest handover says; else as the referral does."""
    said = t.handover.c.content["what_matters"].as_string()
    sent = (
        select(said)
        .where(
            t.handover.c.journey_id == journey_id,
            _involved(t.handover.c.journey_id, units),
            t.handover.c.state != "withdrawn",
            said.is_not(None),
        )
        .order_by(t.handover.c.sent_at.desc())
        .limit(1)
    )
    referred = select(t.step.c.content["what_matters"].as_string()).where(
        t.step.c.journey_id == journey_id,
        _involved(t.step.c.journey_id, units),
        t.step.c.content["what_matters"].as_string().is_not(None),
    )
    newest: str | None = await connection.scalar(sent)
    return newest or await connection.scalar(referred)


async def added_labels(
    connection: AsyncConnection, journey_id: str, units: Sequence[str]
) -> dict[str, str]:
    """The Swedish labels of steps that were added for this patient alone, by key of the step."""
    definition = t.event.c.what["definition"]
    wanted = (
        select(
            definition["key"].as_string().label("step"),
            definition["label"]["sv"].as_string().label("said"),
        )
        .where(
            t.event.c.journey_id == journey_id,
            t.event.c.type == "step_added",
            _involved(t.event.c.journey_id, units),
        )
        .order_by(t.event.c.seq)
    )
    return {row.step: row.said for row in await connection.execute(wanted)}


async def meetings(
    connection: AsyncConnection, journey_id: str, units: Sequence[str]
) -> list[FoundMeeting]:
    """The meetings of a journey, first to last, for units that are or were part of it."""
    wanted = (
        select(t.meeting.c.body, t.meeting.c.outcome)
        .where(t.meeting.c.journey_id == journey_id, _involved(t.meeting.c.journey_id, units))
        .order_by(t.meeting.c.starts_at, t.meeting.c.id)
    )
    return [_meeting(row) for row in await connection.execute(wanted)]


async def meeting(
    connection: AsyncConnection, meeting_id: str, units: Sequence[str]
) -> FoundInvitation | None:
    """One meeting, for the journey's units and for those that are only called to it.

    The row policies hide the patient from the latter, so how it is protected is None for them.
    """
    called = t.meeting.c.units.has_any(cast(list(units), ARRAY(Text)))
    wanted = (
        select(t.meeting.c.body, t.patient.c.protection)
        .outerjoin(t.journey, t.journey.c.id == t.meeting.c.journey_id)
        .outerjoin(t.patient, t.patient.c.id == t.journey.c.patient_id)
        .where(
            t.meeting.c.id == meeting_id,
            or_(_involved(t.meeting.c.journey_id, units), called),
        )
    )
    row = (await connection.execute(wanted)).first()
    return FoundInvitation(Meeting.model_validate(row.body), row.protection) if row else None


async def posts(
    connection: AsyncConnection,
    journey_id: str,
    units: Sequence[str],
    after: int,
    limit: int,
    *,
    records: bool,
) -> list[Row[Any]]:
    """A stretch of the thread after a number, in order.

    Without `records`, only what was written since the units began to hold a part (R-118).
    """
    wanted = (
        select(t.post.c.number, t.post.c.unit, t.post.c.text, t.post.c.at)
        .where(
            t.post.c.journey_id == journey_id,
            _involved(t.post.c.journey_id, units),
            t.post.c.number > after,
        )
        .order_by(t.post.c.number)
        .limit(limit)
    )
    if not records:
        wanted = wanted.where(t.post.c.at >= _held_since(journey_id, units))
    return list(await connection.execute(wanted))


async def holders(connection: AsyncConnection, journey_id: str, units: Sequence[str]) -> list[str]:
    """The units that hold a part now, each once, for units that are or were part of it."""
    wanted = (
        select(t.part.c.holder)
        .where(t.part.c.journey_id == journey_id, _involved(t.part.c.journey_id, units))
        .distinct()
        .order_by(t.part.c.holder)
    )
    return list((await connection.execute(wanted)).scalars())


def _held_since(journey_id: str, units: Sequence[str]) -> Any:
    """When the units began to hold what they hold now; NULL if that is nothing."""
    held = (t.part.c.journey_id == journey_id) & t.part.c.holder.in_(units)
    return select(func.min(t.part.c.since)).where(held).scalar_subquery()


def _involved(journey_id: Any, units: Sequence[str]) -> Any:
    return exists().where(t.involved.c.journey_id == journey_id, t.involved.c.unit.in_(units))


def _received(units: Sequence[str]) -> Any:
    return t.handover.c.to_unit.in_(units) & t.handover.c.state.not_in(GONE)


def _plan(row: Any) -> FoundPlan:
    content = Plan.model_validate(row.content) if row.content else None
    return FoundPlan(PlanVersion.model_validate(row.body), content)


def _meeting(row: Any) -> FoundMeeting:
    outcome = MeetingOutcome.model_validate(row.outcome) if row.outcome else None
    return FoundMeeting(Meeting.model_validate(row.body), outcome)
