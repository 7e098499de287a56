"""The downtime pack: what is open at a unit, on paper, for when the system is away."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from structlog.contextvars import get_contextvars

from api import downtime_rows
from api.house import CallerDep
from api.units import UnitId
from domain.refusal import Refused
from domain.rules.access import must_work_with_patients
from domain.value import HsaId, Value
from store import downtime
from web.downtime_pack import as_html, as_pdf

router = APIRouter(prefix="/api/v1", tags=["units"])

HTML, PDF = "text/html", "application/pdf"
PACK: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page, or a document to print, as `Accept` asks for; a page if neither.",
        "content": {
            HTML: {"schema": {"type": "string"}},
            PDF: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
# The page has a style of its own, no script, and asks nobody for anything.
PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}
FILE = PAGE | {"Content-Disposition": 'attachment; filename="downtime.pdf"'}


class PackUnit(Value):
    """A unit whose pack the caller may print."""

    hsa_id: HsaId
    name: str


@router.get("/downtime-packs")
async def list_packs(caller: CallerDep) -> list[PackUnit]:
    """The units whose packs the caller may print: the own, and those that it speaks for now."""
    must_work_with_patients(caller.actor)
    units = caller.catalogue.units
    return [PackUnit(hsa_id=key, name=units[key].name) for key in caller.sight.patients]


@router.get("/units/{hsa_id}/downtime-pack", response_class=Response, responses=PACK)
async def read(hsa_id: UnitId, caller: CallerDep, request: Request) -> Response:
    """Everything that is open at the caller's unit; the reading of each patient is logged."""
    if hsa_id not in caller.sight.patients:
        raise Refused("not_your_unit")
    now = datetime.now(UTC)
    calls_for = downtime_rows.seer_at(caller, hsa_id, now).calls_for
    async with caller.patients() as connection:
        found = await downtime.open_at(connection, hsa_id, calls_for)
        await downtime.note(
            connection,
            [one.known.summary for one in found],
            subject=caller.actor.subject,
            unit=caller.actor.unit,
            correlation_id=get_contextvars().get("correlation_id", ""),
        )
    pack = downtime_rows.pack(caller, hsa_id, found, now)
    if _wanted(request.headers.get("Accept", "")) == PDF:
        return Response(await run_in_threadpool(as_pdf, pack), media_type=PDF, headers=FILE)
    return Response(await run_in_threadpool(as_html, pack), media_type=HTML, headers=PAGE)


def _wanted(accept: str) -> str:
    """The first of the two that is asked for; a browser asks for the page."""
    named = (kind.partition(";")[0].strip().lower() for kind in accept.split(","))
    return next((kind for kind in named if kind in (HTML, PDF)), HTML)
