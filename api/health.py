"""For operators: does it live, can it serve, and do the clocks go."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.house import house
from store import sweeps

router = APIRouter(prefix="/health", tags=["health"])

# A rung may be a second late by itself, and a busy house a few more.
GRACE = timedelta(seconds=60)
# Whoever watches waits two seconds; what has not answered by then is away.
LOOK_SECONDS = 1.5

Got = TypeVar("Got")


class Promises(NamedTuple):
    """What PostgreSQL says of promises not kept, and of the newest sweep."""

    unkept: sweeps.Unkept
    swept: dict[str, Any] | None


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Store and engine answer too; 503 names the one that does not."""
    home = house(request)
    checks = {"store": await home.store_answers(), "engine": await home.engine.answers()}
    status = 200 if all(checks.values()) else 503
    return JSONResponse({"status": "ready" if status == 200 else "waiting", **checks}, status)


@router.get("/clocks")
async def clocks(request: Request) -> JSONResponse:
    """Promises that are due and that nobody has acted on, straight from PostgreSQL.

    `ticking` (200): none. `late` (503): some. `blind` (503): store or engine is away; what falls
    due meanwhile is told when they are back, and nothing is lost.
    """
    home = house(request)
    promises, engine = await asyncio.gather(
        _within(_promises(home.store)), _within(home.engine.answers())
    )
    status = _status(promises, bool(engine))
    body = {"status": status, "store": promises is not None, "engine": bool(engine)}
    return JSONResponse(body | _told(promises), 200 if status == "ticking" else 503)


def _status(promises: Promises | None, engine: bool) -> str:
    if promises is None or not engine:
        return "blind"
    return "late" if promises.unkept.promises else "ticking"


def _told(promises: Promises | None) -> dict[str, Any]:
    """Counts and instants; None where nobody knows."""
    if promises is None:
        return {"promises_not_kept": None, "last_sweep": None}
    unkept, swept = promises
    sweep = None
    if swept:
        sweep = {key: _plain(value) for key, value in swept.items()}
        sweep["age_seconds"] = _age(swept["ended_at"])
    return {
        "promises_not_kept": {
            "count": unkept.promises,
            "oldest_at": _plain(unkept.oldest_at),
            "oldest_seconds": _age(unkept.oldest_at),
        },
        "last_sweep": sweep,
    }


async def _promises(store: AsyncEngine) -> Promises | None:
    try:
        async with store.connect() as connection:
            unkept = await sweeps.unkept(connection, GRACE)
            return Promises(unkept, await sweeps.last_sweep(connection))
    except SQLAlchemyError:
        return None


async def _within(look: Coroutine[Any, Any, Got]) -> Got | None:
    """What it gave, or None when it took too long; hanging up may take longer than the wait."""
    task = asyncio.create_task(look)
    done, _ = await asyncio.wait([task], timeout=LOOK_SECONDS)
    if done:
        return task.result()
    task.cancel()
    return None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _age(at: datetime | None) -> int | None:
    return round((datetime.now(UTC) - at).total_seconds()) if at else None
