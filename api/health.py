"""For operators: does it live, and can it serve."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.house import house

router = APIRouter(prefix="/health", tags=["health"])


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
