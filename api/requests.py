"""Around every request: one id for all it leads to, one line in the log, and the last door."""

import time
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from api.problems import respond
from domain.refusal import Refusal

log = structlog.get_logger()


class Requests:
    """Correlates, logs without personal data, and answers for what nobody else caught."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        clear_contextvars()
        correlation_id = _correlation_id(Headers(scope=scope))
        bind_contextvars(correlation_id=correlation_id)
        began, status = time.perf_counter(), 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Correlation-Id"] = correlation_id
                headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception as error:
            log.error("request_failed", exc_info=error)
            if status == 0:
                await respond(Refusal(code="internal_error"))(scope, receive, send_marked)
        log.info(
            "request",
            method=scope["method"],
            route=getattr(scope.get("route"), "path", "none"),
            status=status,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )


def _correlation_id(headers: Headers) -> str:
    """The caller's own id when it is a UUID, which can say nothing of a person; or a new one."""
    try:
        return UUID(headers.get("X-Correlation-Id", "")).hex
    except ValueError:
        return uuid4().hex
