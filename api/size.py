"""A limit on what a caller may send, counted while it arrives."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import respond
from domain.refusal import FieldProblem, Refusal

# JSON's way to write NUL, which PostgreSQL can keep in no text: a journey would wait for ever.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class LimitBody:
    """Refuses a body over the limit, whether or not its length was declared, and one with NUL."""

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self._app = app
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, refuse it or hand it on."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = await self._body(receive)
        if body is None:
            await respond(Refusal(code="body_too_large"))(scope, receive, send)
            return
        if NUL.search(body):
            wrong = FieldProblem(field="body", rule="nul")
            await respond(Refusal(code="request_invalid", fields=(wrong,)))(scope, receive, send)
            return
        handed_on = False

        async def replay() -> Message:
            nonlocal handed_on
            if handed_on:
                return await receive()
            handed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _body(self, receive: Receive) -> bytes | None:
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body:
                return None
            chunks.append(chunk)
            more = message.get("more_body", False)
        return b"".join(chunks)
