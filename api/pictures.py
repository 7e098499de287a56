"""A published pathway as a drawn graph, as Markdown, and as BPMN 2.0."""

from fastapi import APIRouter, Response

from api.house import CallerDep
from api.pathways import Key, Language, Version, published
from domain.design import bpmn, drawing, markdown

router = APIRouter(prefix="/api/v1/pathways", tags=["pathways"])


@router.get("/{key}/{version}/drawing.svg", response_class=Response)
async def draw(
    key: Key, version: Version, caller: CallerDep, language: Language = "sv"
) -> Response:
    """A published version as a drawn graph."""
    found = published(caller, f"{key}@{version}")
    svg = drawing.draw(found, found.added, found.changed, language)
    return Response(svg, media_type="image/svg+xml")


@router.get("/{key}/{version}/text.md", response_class=Response)
async def write(
    key: Key, version: Version, caller: CallerDep, language: Language = "sv"
) -> Response:
    """A published version as Markdown."""
    found = published(caller, f"{key}@{version}")
    text = markdown.markdown(found, found.added, found.changed, language)
    return Response(text, media_type="text/markdown; charset=utf-8")


@router.get("/{key}/{version}/process.bpmn", response_class=Response)
async def interchange(key: Key, version: Version, caller: CallerDep) -> Response:
    """A published version as BPMN 2.0, with its layout."""
    found = published(caller, f"{key}@{version}")
    return Response(bpmn.bpmn(found), media_type="application/xml")
