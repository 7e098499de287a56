"""Attachments: upload one to a journey, list them, and read one."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.house import Caller, CallerDep, Key, KeyDep
from api.paging import OPAQUE
from domain.attachment import Attachment, AttachmentKind, MediaType, checked_media_type
from domain.refusal import Refused
from domain.template import LegalBasis
from domain.view import Known
from runtime.vault import Sealed
from store import attachments, handovers, journeys

router = APIRouter(prefix="/api/v1", tags=["attachments"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]
HandoverId = Annotated[str, Path(pattern=OPAQUE)]
AttachmentId = Annotated[str, Path(pattern=OPAQUE)]

ACTION = "attachment"
# A browser saves the file and does not guess what it might be besides.
SAVED = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
FILES: dict[str, Any] = {
    media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MediaType
}
UPLOAD: dict[str, Any] = {"requestBody": {"required": True, "content": FILES}}
DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file's bytes.", "content": FILES}
}


@router.post(
    "/journeys/{journey_id}/attachments",
    status_code=201,
    response_model=Attachment,
    openapi_extra=UPLOAD,
)
async def upload(
    journey_id: JourneyId,
    request: Request,
    caller: CallerDep,
    key: KeyDep,
    kind: AttachmentKind,
    legal_basis: LegalBasis,
) -> JSONResponse:
    """Upload a file to a journey that the unit is part of; the body is the file itself."""
    content = await request.body()
    async with caller.patients() as connection:
        known = await journeys.known(connection, journey_id, caller.sight.patients)
        if known is None:
            raise Refused("journey_unknown")
        attachment = Attachment(
            id=str(caller.house.ids.uuid("attachment", caller.principal, journey_id, key.value)),
            journey_id=journey_id,
            kind=kind,
            media_type=checked_media_type(content, request.headers.get("Content-Type")),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            owner=caller.actor.unit,
            legal_basis=legal_basis,
            at=datetime.now(UTC),
        )
        kept = await _kept(caller, connection, key, known, attachment, content)
    if kept != attachment.model_copy(update={"at": kept.at}):
        raise Refused("key_reused")
    return JSONResponse(kept.model_dump(mode="json"), 201)


@router.get("/journeys/{journey_id}/attachments", response_model=list[Attachment])
async def of_journey(journey_id: JourneyId, caller: CallerDep) -> JSONResponse:
    """The attachments of a journey that the unit is part of; the reading is logged."""
    units, records = caller.sight.patients, caller.sight.records
    async with caller.patients() as connection:
        line = await journeys.line(connection, journey_id, units)
        if line is None:
            raise Refused("journey_unknown")
        await _must_see(caller, connection, journey_id)
        found = await attachments.of_journey(connection, journey_id, units, records=records)
        await caller.note_reading(connection, journey_id, line.patient_id, ACTION)
    return _listed(found)


@router.get(
    "/journeys/{journey_id}/attachments/{attachment_id}",
    response_class=Response,
    responses=DOWNLOAD,
)
async def read(journey_id: JourneyId, attachment_id: AttachmentId, caller: CallerDep) -> Response:
    """The file itself, for units of the journey and readers of a handover that names it; logged."""
    units, records = caller.sight.patients, caller.sight.records
    async with caller.patients() as connection:
        found = await attachments.find(
            connection, journey_id, attachment_id, units, records=records
        )
        if found is None:
            raise Refused("attachment_unknown")
        await _must_see(caller, connection, journey_id)
        sealed = Sealed(found.key_id, found.sealed)
        content = caller.house.vault.open(sealed, attachment_id, journey_id)
        await caller.note_reading(connection, journey_id, found.patient_id, ACTION)
    return Response(content, media_type=found.attachment.media_type, headers=SAVED)


@router.get("/handovers/{handover_id}/attachments", response_model=list[Attachment])
async def of_handover(handover_id: HandoverId, caller: CallerDep) -> JSONResponse:
    """The attachments that a handover names, for those who may read it; the reading is logged."""
    units, records = caller.sight.patients, caller.sight.records
    async with caller.patients() as connection:
        found = await handovers.find(connection, handover_id, units)
        if found is None or not caller.sight.covers(found.handover):
            raise Refused("handover_unknown")
        line = found.known.summary
        await _must_see(caller, connection, line.id)
        named = await attachments.of_handover(connection, handover_id, units, records=records)
        await caller.note_reading(connection, line.id, line.patient_id, ACTION)
    return _listed(named)


async def _must_see(caller: Caller, connection: AsyncConnection, journey_id: str) -> None:
    """A file cannot be masked: of a protected patient, the named group alone sees it."""
    who = await journeys.patient(connection, journey_id)
    if not caller.sees(who.protection):
        raise Refused("patient_protected")


async def _kept(
    caller: Caller,
    connection: AsyncConnection,
    key: Key,
    known: Known,
    attachment: Attachment,
    content: bytes,
) -> Attachment:
    """What the key was used for before, or the attachment, kept now."""
    earlier = await attachments.uploaded(connection, attachment.id, caller.sight.patients)
    if earlier is not None:
        return earlier
    if known.summary.closed_at is not None:
        raise Refused("journey_closed")
    if key.expected_seq not in (None, known.seq):
        raise Refused("sequence_stale")
    sealed = caller.house.vault.seal(content, attachment.id, attachment.journey_id)
    return await attachments.put(
        connection,
        attachment,
        uploaded_by=caller.actor.subject,
        key_id=sealed.key_id,
        sealed=sealed.data,
    )


def _listed(found: list[Attachment]) -> JSONResponse:
    return JSONResponse([attachment.model_dump(mode="json") for attachment in found])
