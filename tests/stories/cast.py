"""People and units that the demo has none of: staff of any unit, and units of a story's own."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx

from tests.samples import unit
from tests.stories import journeys as tale
from tests.world import Caller, Json, World, until

WORKERS = ("coordinator", "clinician")
KEEPERS = {"k1980": "vasteras-catalogue", "rvm": "region-catalogue"}
# The doors' shelf of units may be ten seconds old.
SHELF = 25.0


class Cast:
    """Callers with tokens of their own, hung up when the story ends."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lines: list[httpx.AsyncClient] = []

    def at(
        self, unit: str, subject: str = "demo-staff-1", roles: Sequence[str] = WORKERS
    ) -> Caller:
        """Somebody at a unit, by pseudonym."""
        house = self.world.house
        token = house.issuer.token(subject, "Demo Personal", unit, roles)
        line = httpx.AsyncClient(
            base_url=f"{house.address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        self._lines.append(line)
        return Caller(line)

    async def open_unit(self, like: str = tale.REHAB, **change: Any) -> str:
        """A unit of the story's own, like one of the demo; the doors soon know it."""
        facts = unit(like).model_dump(mode="json", exclude={"version"})
        hsa_id = f"SE0000000000-TEST{uuid4().hex[:10].upper()}"
        own = {"hsa_id": hsa_id, "name": "Egen enhet (demo)", "standing": [], "protected_group": []}
        body = facts | own | change
        keeper = self.world.caller(KEEPERS[body["organisation"]])
        response = await send(keeper, "PUT", f"/units/{hsa_id}", body)
        assert response.status_code == 201, response.text
        return hsa_id

    async def known(self, *units: str) -> None:
        """Wait until the doors know the units."""
        outsider = self.world.caller(tale.OUTSIDER)

        async def all_known() -> bool:
            found = {u["hsa_id"] for u in (await outsider.http.get("/units")).json()}
            return found >= set(units)

        await until(all_known, within=SHELF)

    async def close(self) -> None:
        """Hang up."""
        for line in self._lines:
            await line.aclose()


async def send(caller: Caller, method: str, path: str, body: Json | None = None) -> httpx.Response:
    """Any command, with a key of its own."""
    headers = {"Idempotency-Key": uuid4().hex}
    return await caller.http.request(method, path, json=body, headers=headers)


async def status(caller: Caller, path: str) -> int:
    """What a reading is answered with."""
    return (await caller.http.get(path)).status_code
