"""RFC 9457 problems: one status per kind of refusal, one text per code, never the input."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.handover_bodies import MANY, ONE
from domain.refusal import FieldProblem, Kind, Refusal, Refused
from domain.value import Value

log = structlog.get_logger()

STATUS: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.UNKNOWN: 404,
    Kind.FORBIDDEN: 403,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.KEY_REUSED: 422,
    Kind.UNKNOWN_CALLER: 401,
    Kind.TOO_LARGE: 413,
    Kind.UNAVAILABLE: 503,
    Kind.BROKEN: 500,
}
RETRY_AFTER_SECONDS = "2"
MEDIA_TYPE = "application/problem+json"
FIELD = re.compile(r"[a-zA-Z_-]{1,40}|\d{1,4}")
UNNAMED = "?"


class Problem(Value):
    """What a caller gets instead of an answer."""

    type: str
    code: str
    status: int
    title: str
    title_en: str
    fields: tuple[FieldProblem, ...] = ()


def _schema() -> dict[str, Any]:
    """The problem's schema in one piece: OpenAPI knows no definitions inside a response."""
    schema = Problem.model_json_schema()
    parts = schema.pop("$defs")
    schema["properties"]["fields"]["items"] = parts["FieldProblem"]
    return schema


_SHOWN: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": _schema()}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "A coded problem.", **_SHOWN},
    "5XX": {"description": "A coded problem; after 503 the same key is safe.", **_SHOWN},
}


def problem(refusal: Refusal) -> Problem:
    """The problem that a refusal is shown as."""
    kind, sv, en = refusal.text
    return Problem(
        type=f"urn:handslag:problem:{refusal.code}",
        code=refusal.code,
        status=STATUS[kind],
        title=sv,
        title_en=en,
        fields=refusal.fields,
    )


def respond(refusal: Refusal) -> JSONResponse:
    """The response for a refusal."""
    shown = problem(refusal)
    headers = {}
    if shown.status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    if shown.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = shown.model_dump(mode="json")
    return JSONResponse(body, shown.status, headers=headers, media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Every way to fail ends in a coded problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _store_away)
    app.add_exception_handler(PoolTimeout, _store_away)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return respond(error.refusal)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Which fields and which rule; pydantic's messages and the input stay inside."""
    assert isinstance(error, RequestValidationError)
    found = [wrong_field(_named(e["loc"]), e, "body") for e in error.errors()]
    return respond(Refusal(code="request_invalid", fields=tuple(found)))


def _named(place: Sequence[object]) -> Sequence[object]:
    """The path within the body; which of two bodies it was taken for is no field of it."""
    return place[2:] if place[1:2] in ((ONE,), (MANY,)) else place[1:]


def wrong_field(path: Iterable[object], error: Mapping[str, Any], whole: str) -> FieldProblem:
    """Where and which rule. A name that cannot be a field's is input, and is not sent back."""
    names = (str(p) if FIELD.fullmatch(str(p)) else UNNAMED for p in path)
    return FieldProblem(field=".".join(names) or whole, rule=_rule(error))


def _rule(error: Mapping[str, Any]) -> str:
    """Our own rules raise `ValueError("code")`; the rest are pydantic's types of error."""
    context = error.get("ctx")
    if error["type"] == "value_error" and isinstance(context, dict):
        return str(context.get("error"))
    return str(error["type"])


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = "page_unknown" if error.status_code in (404, 405) else "request_invalid"
    return respond(Refusal(code=code))


async def _store_away(request: Request, error: Exception) -> JSONResponse:
    log.warning("store_unavailable", error=type(error).__name__)
    return respond(Refusal(code="store_unavailable"))
