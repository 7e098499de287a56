"""Sending: one handover or a bundle, a pre-notice, a dry run, and what a new one could hold."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from api import handover_bodies as bodies
from api import reading
from api.house import Caller, CallerDep, Key, KeyDep
from api.paging import OPAQUE
from api.submission import given_to, submit, submit_to
from domain import command as cmd
from domain.decide import decide
from domain.evolve import fold
from domain.forecast import Forecast, forecast
from domain.handover import HandoverState
from domain.prefill import prefill
from domain.profile import PROFILE_OF, recommended
from domain.refusal import FieldProblem, Refusal, Refused
from domain.rules import allowed
from domain.template import HandoverContent
from domain.unit_change import stand_ins
from domain.value import HsaId, Value
from domain.value import Key as Name
from domain.view import HandoverView
from store import attachments, handovers, journeys

router = APIRouter(prefix="/api/v1", tags=["sending"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]
HandoverId = Annotated[str, Path(pattern=OPAQUE)]


class SentView(HandoverView):
    """What was sent, and what can be expected now."""

    forecast: Forecast


class DryRun(Value):
    """What would come of a sending: a coded no with its fields, or what could be expected."""

    refused: dict[str, Any] | None
    forecasts: tuple[Forecast, ...]
    recommended: tuple[str, ...]


@router.post("/journeys/{journey_id}/handovers", status_code=201, response_model=None)
async def send(
    journey_id: JourneyId,
    body: bodies.OneOrMany,
    caller: CallerDep,
    key: KeyDep,
    dry_run: Annotated[bool, Query()] = False,
) -> JSONResponse | DryRun:
    """Send one part, or a bundle; until it is taken over, the sender holds on.

    `dry_run` sends nothing: it says who can be expected to answer when, who is told if nobody
    does, what is missing, and what does not match. A real sending says it again.
    """
    command = await _command(caller, key, journey_id, body)
    if dry_run:
        tried = await _try(caller, key, journey_id, command)
        return JSONResponse(tried.model_dump(mode="json"), 200)
    return await submit_to(caller, key, journey_id, command)


@router.post("/journeys/{journey_id}/pre-notices", status_code=201, response_model=HandoverView)
async def announce(
    journey_id: JourneyId, body: bodies.PreNoticeBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Tell a unit beforehand; the sender owes the real handover by the estimated time."""
    to = caller.catalogue.unit(body.to, "to")
    command = cmd.Announce(
        handover_id=_id(caller, journey_id, key),
        part=body.part,
        purpose=body.purpose,
        to=to,
        estimated_at=body.estimated_at,
        requested=body.requested,
        legal_basis=body.legal_basis,
        consent_ref=body.consent_ref,
        stand_ins=stand_ins(to, caller.catalogue.units),
    )
    return await submit_to(caller, key, journey_id, command)


@router.post("/handovers/{handover_id}/resend", status_code=201, response_model=SentView)
async def resend(
    handover_id: HandoverId, body: bodies.ResendBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """One click: the declined handover goes to the proposed unit, with what was sent before.

    Raises `Refused`: handover_unknown, handover_not_open for one that nobody has declined.
    """
    async with caller.patients() as connection:
        found = await handovers.find(connection, handover_id, caller.sight.patients)
    if found is None or not caller.sight.covers(found.handover):
        raise Refused("handover_unknown")
    declined, journey_id = found.handover, found.known.summary.id
    if body.to:
        caller.catalogue.unit(body.to, "to")
    await _must_be_declined(caller, key, found)
    hsa_id = body.to or declined.proposed_unit
    if hsa_id is None:
        raise Refused("request_invalid", FieldProblem(field="to", rule="nobody_proposed"))
    to = caller.catalogue.unit(hsa_id, "to")
    content = body.content or HandoverContent.model_validate(found.content)
    await _check_attachments(caller, journey_id, content)
    command = cmd.Send(
        handover_id=_id(caller, journey_id, key),
        part=declined.part,
        purpose=declined.purpose,
        step=declined.step,
        to=to,
        content=content,
        resends=declined.id,
        stand_ins=stand_ins(to, caller.catalogue.units),
    )
    return await submit(caller, key, journey_id, command)


@router.get("/journeys/{journey_id}/handovers/draft")
async def draft(
    journey_id: JourneyId,
    caller: CallerDep,
    to: Annotated[HsaId, Query(max_length=31)],
    part: Annotated[Name, Query()],
) -> dict[str, Any]:
    """The template, filled in from the plan, the assessment and the latest earlier handover."""
    receiver = caller.catalogue.unit(to, "to")
    async with caller.patients() as connection:
        known = await journeys.known(connection, journey_id, caller.sight.patients)
        if known is None:
            raise Refused("journey_unknown")
        if not caller.sight.records:
            raise Refused("record_not_yours")
        who = await journeys.patient(connection, journey_id)
        if not caller.sees(who.protection):
            raise Refused("patient_protected")
        contents = await reading.contents(caller, connection, journey_id)
        earlier = await handovers.latest_content(connection, journey_id, part)
        await caller.note_reading(connection, journey_id, known.summary.patient_id, "draft")
    return prefill(known, contents, earlier, receiver, caller.catalogue.units)


async def _command(
    caller: Caller, key: Key, journey_id: str, body: bodies.SendBody | bodies.BundleBody
) -> cmd.Send | cmd.SendBundle:
    if isinstance(body, bodies.SendBody):
        handover_id = body.pre_notice or _id(caller, journey_id, key)
        item = bodies.BundleItem(**body.model_dump(exclude={"pre_notice"}))
        one = await _send(caller, journey_id, handover_id, item, body.content)
        return one.model_copy(update={"announced": body.pre_notice is not None})
    ids = [_id(caller, journey_id, key, str(place)) for place in range(len(body.items))]
    sends = [
        await _send(caller, journey_id, handover_id, item, item.content or body.content)
        for handover_id, item in zip(ids, body.items, strict=True)
    ]
    return cmd.SendBundle(bundle_id=_id(caller, journey_id, key, "bundle"), sends=tuple(sends))


async def _send(
    caller: Caller,
    journey_id: str,
    handover_id: str,
    item: bodies.BundleItem,
    content: HandoverContent,
) -> cmd.Send:
    to = caller.catalogue.unit(item.to, "to")
    await _check_attachments(caller, journey_id, content)
    return cmd.Send(
        handover_id=handover_id,
        part=item.part,
        purpose=item.purpose,
        step=item.step,
        to=to,
        content=content,
        stand_ins=stand_ins(to, caller.catalogue.units),
    )


async def _must_be_declined(caller: Caller, key: Key, found: handovers.Found) -> None:
    """Else what was sent may not be whole; a repeated call still gets its answer."""
    no = allowed.refusal("resend", caller.seer.scene(found.handover))
    if no is None or found.handover.stage is HandoverState.DECLINED:
        return
    if await given_to(caller, key.value, key.body_hash, found.known.summary.id):
        return
    if key.expected_seq not in (None, found.known.seq):
        raise Refused("sequence_stale")
    raise Refused(no)


async def _check_attachments(caller: Caller, journey_id: str, content: HandoverContent) -> None:
    """Who sends a file must be able to open it."""
    if not content.attachments:
        return
    async with caller.patients() as connection:
        seen = await attachments.of_journey(
            connection, journey_id, caller.sight.patients, records=caller.sight.records
        )
    known = {a.id for a in seen}
    wrong = [
        FieldProblem(field=f"content.attachments.{place}", rule="unknown")
        for place, given in enumerate(content.attachments)
        if given not in known
    ]
    if wrong:
        raise Refused("content_invalid", *wrong)


async def _try(
    caller: Caller, key: Key, journey_id: str, command: cmd.Send | cmd.SendBundle
) -> DryRun:
    """Decide on what the log says, and write nothing."""
    async with caller.patients() as connection:
        if await journeys.line(connection, journey_id, caller.sight.patients) is None:
            raise Refused("journey_unknown")
        log = await journeys.events(connection, journey_id)
    # A door whose clock is behind the journey's would promise from an instant that has passed.
    now = max(datetime.now(UTC), log[-1].decided_at)
    envelope = key.envelope(caller, command).model_copy(
        update={"calendar": caller.catalogue.calendar}
    )
    state = fold(log)
    verdict = decide(state, envelope, now)
    sends = command.sends if isinstance(command, cmd.SendBundle) else (command,)
    wanted = [f for one in sends for f in recommended(one.content, PROFILE_OF[one.to.sector])]
    if isinstance(verdict, Refusal):
        return DryRun(refused=_no(verdict), forecasts=(), recommended=tuple(dict.fromkeys(wanted)))
    after = fold(verdict, state)
    assert after is not None
    return DryRun(
        refused=None,
        forecasts=tuple(forecast(after, one.handover_id, now) for one in sends),
        recommended=tuple(dict.fromkeys(wanted)),
    )


def _no(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "title": refusal.text.sv,
        "title_en": refusal.text.en,
        "fields": [f.model_dump() for f in refusal.fields],
    }


def _id(caller: Caller, journey_id: str, key: Key, *more: str) -> str:
    return str(caller.house.ids.uuid("handover", caller.principal, journey_id, key.value, *more))
