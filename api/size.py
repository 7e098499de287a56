"""A limit on what a caller may send, counted while it arrives."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import respond
from domain.refusal import FieldProblem, Refusal

# JSON's way to write NUL, which PostgreSQL can keep in no text: a journey would wait for ever.
# NUL itself stands in no JSON that is UTF-8 (RFC 8259, 8.1), and in all that is UTF-16 or UTF-32.
NUL = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")
# The one call whose body is a file: it may be larger, and hold any bytes.
UPLOAD = re.compile(r"/api/v1/journeys/[^/]+/attachments")
# Calls with the text of a pathway's file inside: a megabyte that JSON may make twice as long.
WITH_TEXT = re.compile(r"/api/v1/pathways/(validate|diff|simulate|drafts)")


class LimitBody:
    """Refuses a body over the limit, whether or not its length was declared, and one with NUL."""

    def __init__(self, app: ASGIApp, max_body: int, max_attachment: int) -> None:
        self._app = app
        self._max_body = max_body
        self._max_attachment = max_attachment

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, refuse it or hand it on."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = await self._taken(scope, receive)
        if isinstance(body, Refusal):
            await respond(body)(scope, receive, send)
            return
        handed_on = False

        async def replay() -> Message:
            nonlocal handed_on
            if handed_on:
                return await receive()
            handed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _taken(self, scope: Scope, receive: Receive) -> bytes | Refusal:
        """The body, or why it is not taken."""
        if scope["method"] == "POST" and UPLOAD.fullmatch(scope["path"]):
            file = await _read(receive, self._max_attachment)
            return Refusal(code="attachment_too_large") if file is None else file
        text = WITH_TEXT.fullmatch(scope["path"])
        body = await _read(receive, self._max_attachment if text else self._max_body)
        if body is None:
            return Refusal(code="body_too_large")
        if NUL.search(body):
            wrong = FieldProblem(field="body", rule="nul")
            return Refusal(code="request_invalid", fields=(wrong,))
        return body


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None as soon as it is over the limit."""
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)
