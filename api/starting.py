"""From a body to the command that starts a journey: facts resolved, identity checked."""

from datetime import UTC, datetime

from api.bodies import StartBody
from api.engine import Answer
from api.house import Caller
from api.submission import answered, given_before
from domain.calendar import STOCKHOLM
from domain.command import Envelope, Start
from domain.decide import decide
from domain.facts import Protection
from domain.journey import Journey
from domain.patient import identify
from domain.refusal import Refusal, Refused
from domain.unit_change import stand_ins
from store import journeys


async def start_command(caller: Caller, body: StartBody, key: str) -> Start:
    """The command. Raises `Refused`: patient_invalid, unit_unknown, pathway_unknown."""
    patient = identify(body.patient.number, body.patient.name)
    unit = caller.catalogue.unit(body.unit, "unit")
    ids, today = caller.house.ids, datetime.now(STOCKHOLM).date()
    patient_id = str(ids.uuid("patient", patient.system, patient.value))
    return Start(
        journey_id=str(ids.uuid("journey", caller.principal, key)),
        patient_id=patient_id,
        patient=patient,
        unit=unit,
        stand_ins=stand_ins(unit, caller.catalogue.units),
        definition=caller.catalogue.pathway(body.pathway, unit, today),
        calendar=caller.catalogue.calendar,
        ladders=caller.catalogue.ladders,
        rules=caller.catalogue.rules,
        referral=body.referral,
        protection=await protection_of(caller, patient_id),
        prior=body.prior,
        came_from=body.came_from,
        overlap_reason=body.overlap_reason,
    )


async def protection_of(caller: Caller, patient_id: str) -> Protection:
    """How the patient is protected already, in whichever journey that was recorded."""
    async with caller.patients() as connection:
        return Protection(await journeys.protection(connection, patient_id) or Protection.NONE)


async def started(caller: Caller, envelope: Envelope, journey_id: str) -> Answer:
    """The answer to a start. One that was given before stands, whatever has changed since."""
    try:
        refuse_impossible(envelope, datetime.now(UTC))
    except Refused:
        earlier = await given_before(caller, envelope, journey_id)
        if earlier is None:
            raise
        return earlier
    return await answered(caller, envelope, journey_id)


def refuse_impossible(envelope: Envelope, now: datetime, state: Journey | None = None) -> None:
    """Raises `Refused` before the engine is asked; a refused start would leave a run behind."""
    verdict = decide(state, envelope, now)
    if isinstance(verdict, Refusal):
        raise Refused(verdict.code, *verdict.fields)
