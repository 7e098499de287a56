"""Moving running journeys through the real servers, one after the other as a migration does."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.contestants import RawUpdates, some_at_once
from bench.journeys import SENDER, referral
from bench.load import at_once
from bench.rig import Rig
from cli import load
from domain.design.publication import Published
from domain.pathway import Definition
from store import database, drafts

KEY, DESIGNER = "bench-moving", "designer"
GLANCE, SHELF_SECONDS = 0.05, 11.0


@dataclass(frozen=True, slots=True)
class Moved:
    """How many journeys a second were compared and moved, and raw updates one by one beside."""

    journeys: int
    compared: float
    moved: float
    raw: float


async def moved(rig: Rig, journeys: int) -> Moved:
    """Start so many, compare them, move them. Raises `httpx.HTTPStatusError`."""
    await _publish(rig)
    sender, designer = rig.caller(SENDER), rig.caller(DESIGNER)
    body = {"pathway": f"{KEY}@1"}
    await some_at_once([sender.post("/journeys", referral() | body) for _ in range(journeys)])
    began = time.perf_counter()
    asked = await designer.post(
        "/pathways/migrations",
        {"to": f"{KEY}@2", "choices": {"recompute": ["step:assessment"]}},
    )
    path = f"/pathways/migrations/{asked['migration']['id']}"
    await _until(rig, path, "shown")
    compared = time.perf_counter() - began
    began = time.perf_counter()
    await designer.post(f"{path}/go-on", {"to": "move"})
    await _until(rig, path, "moved")
    moving = time.perf_counter() - began
    raw = await at_once(await RawUpdates(rig).prepare(min(journeys, 64)), 1)
    return Moved(journeys, journeys / compared, journeys / moving, raw.per_second)


async def _publish(rig: Rig) -> None:
    first = Definition.model_validate(
        load.read(load.PATHWAYS / "stroke-rehab" / "v1.yaml") | {"key": KEY}
    )
    second = first.model_dump(mode="json") | {"version": 2}
    second["steps"][1]["due"]["budget"]["amount"] = 2
    engine = database.connect(rig.owner_url, pool_size=1)
    async with engine.begin() as connection:
        for one in (first, Definition.model_validate(second)):
            today = datetime.now(UTC).date()
            await drafts.publish(connection, Published(definition=one, valid_from=today))
    await engine.dispose()
    await asyncio.sleep(SHELF_SECONDS)  # the doors' shelf may be ten seconds old


async def _until(rig: Rig, path: str, state: str) -> None:
    found = None
    while found != state:
        await asyncio.sleep(GLANCE)
        found = (await rig.caller(DESIGNER).get(path))["migration"]["state"]
