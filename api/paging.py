"""Cursors: opaque to callers, and refused when they are not ours."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated

from fastapi import Query

from domain.refusal import Refused

LimitQuery = Annotated[int, Query(ge=1, le=200)]
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
    if len(found[1]) != parts - 1 or found[0].tzinfo is None:
        raise Refused("cursor_invalid")
    return found
