"""Cursors: opaque to callers, and refused when they are not ours."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated

from fastapi import Query

from domain.refusal import Refused

OPAQUE = r"^[A-Za-z0-9-]{1,40}$"
LimitQuery = Annotated[int, Query(ge=1, le=200)]
AfterQuery = Annotated[int, Query(ge=0, le=2**31 - 1)]
CursorQuery = Annotated[str | None, Query(max_length=400)]


def cursor(at: datetime, *rest: str) -> str:
    """A cursor for the place after an instant and its tie-breakers."""
    text = json.dumps([at.isoformat(), *rest])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place(given: str | None, parts: int) -> tuple[datetime, tuple[str, ...]] | None:
    """The place that a cursor names. Raises `Refused("cursor_invalid")`."""
    if given is None:
        return None
    try:
        text = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
        at, *rest = json.loads(text)
        found = datetime.fromisoformat(at), tuple(str(r) for r in rest)
    except (binascii.Error, ValueError, TypeError):
        raise Refused("cursor_invalid") from None
    strange = not all(rest.isprintable() for rest in found[1])
    if len(found[1]) != parts - 1 or found[0].tzinfo is None or strange:
        raise Refused("cursor_invalid")
    return found
