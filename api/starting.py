"""From a body to the command that starts a journey: facts resolved, identity checked."""

from datetime import datetime

from api.bodies import StartBody
from api.house import Caller
from domain.command import Envelope, Start
from domain.decide import decide
from domain.journey import Journey
from domain.patient import identify
from domain.refusal import Refusal, Refused


def start_command(caller: Caller, body: StartBody, key: str) -> Start:
    """The command. Raises `Refused`: patient_invalid, unit_unknown, pathway_unknown."""
    patient = identify(body.patient.number, body.patient.name)
    unit = caller.catalogue.unit(body.unit, "unit")
    ids = caller.house.ids
    return Start(
        journey_id=str(ids.uuid("journey", caller.principal, key)),
        patient_id=str(ids.uuid("patient", patient.system, patient.value)),
        patient=patient,
        unit=unit,
        stand_ins=caller.catalogue.stand_ins(unit),
        definition=caller.catalogue.pathway(body.pathway),
        calendar=caller.catalogue.calendar,
        ladders=caller.catalogue.ladders,
        referral=body.referral,
        prior=body.prior,
        came_from=body.came_from,
        overlap_reason=body.overlap_reason,
    )


def refuse_impossible(envelope: Envelope, now: datetime, state: Journey | None = None) -> None:
    """Raises `Refused` before the engine is asked; a refused start would leave a run behind."""
    verdict = decide(state, envelope, now)
    if isinstance(verdict, Refusal):
        raise Refused(verdict.code, *verdict.fields)
