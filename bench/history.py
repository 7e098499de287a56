"""How many events each command adds to a workflow's history, in a journey from start to close."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bench import journeys as j
from bench.rig import Rig

SETTLE_SECONDS = 0.2
Added = dict[str, int]


class Histories:
    """Walks through journeys and counts what every command adds."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.highest: Added = {}
        self.whole_journey = 0

    async def count(self) -> None:
        """Two journeys: one through everything to its close, one with every other answer."""
        self.whole_journey = await self._to_the_close()
        await self._other_answers()

    async def _to_the_close(self) -> int:
        sender, receiver = self._rig.caller(j.SENDER), self._rig.caller(j.RECEIVER)
        journey = await self._sent()
        handover = (await self._send(journey, j.REHAB))["id"]
        answers = f"/handovers/{handover}"
        await self._step(journey, "acknowledge", receiver, f"{answers}/acknowledge")
        await self._step(journey, "ask", receiver, f"{answers}/ask", {"question": "Trappor?"})
        await self._step(journey, "answer", sender, f"{answers}/answer", {"answer": "Ja."})
        await self._step(journey, "accept", receiver, f"{answers}/accept", j.ACCEPT)
        contact = {"at": datetime.now(UTC).isoformat()}
        await self._step(journey, "first contact", receiver, f"{answers}/first-contact", contact)
        await self._step(journey, "visit", receiver, f"/journeys/{journey}/visits", j.visit())
        await self._complete(journey, "intervention", receiver, j.intervention())
        await self._complete(journey, "follow_up", sender, j.follow_up())
        return await self._length(journey)

    async def _other_answers(self) -> None:
        sender, receiver = self._rig.caller(j.SENDER), self._rig.caller(j.RECEIVER)
        colleague = self._rig.caller(j.COLLEAGUE)
        journey = await self._sent()
        answers = f"/handovers/{(await self._send(journey, j.REHAB))['id']}"
        to_team = {"to": j.TEAM, "reason": "Rätt team."}
        await self._step(journey, "redirect", receiver, f"{answers}/redirect", to_team)
        no = {"reason": "no_capacity"}
        await self._step(journey, "decline", colleague, f"{answers}/decline", no)
        answers = f"/handovers/{(await self._send(journey, j.REHAB))['id']}"
        back = {"reason": "no_longer_needed"}
        await self._step(journey, "withdraw", sender, f"{answers}/withdraw", back)
        left = {"at": datetime.now(UTC).isoformat(), "to": "Hemmet"}
        await self._step(journey, "departure", sender, f"/journeys/{journey}/facts/left", left)
        three = f"/journeys/{journey}/handovers"
        bundle = await self._step(journey, "bundle of three", sender, three, j.bundle())
        for one in bundle["handovers"]:
            await self._step(journey, "withdraw", sender, f"/handovers/{one['id']}/withdraw", back)
        skip = f"/journeys/{journey}/steps/handover_rehab/skip"
        await self._step(journey, "skip", sender, skip, {"reason": "Behövs inte."})
        close = f"/journeys/{journey}/close"
        await self._step(journey, "close", sender, close, {"reason": "moved"})

    async def _sent(self) -> str:
        """A journey with a plan."""
        sender = self._rig.caller(j.SENDER)
        journey: str = (await sender.post("/journeys", j.referral()))["id"]
        self._note("start", await self._length(journey))
        await self._complete(journey, "assessment", sender, j.assessment())
        await self._complete(journey, "plan", sender, j.plan())
        return journey

    async def _send(self, journey: str, to: str) -> j.Json:
        sender = self._rig.caller(j.SENDER)
        path = f"/journeys/{journey}/handovers"
        return await self._step(journey, "send", sender, path, j.handover(to))

    async def _complete(self, journey: str, step: str, by: j.Caller, content: j.Json) -> None:
        path = f"/journeys/{journey}/steps/{step}/complete"
        await self._step(journey, f"complete {step}", by, path, {"content": content})

    async def _step(
        self, journey: str, name: str, by: j.Caller, path: str, body: j.Json | None = None
    ) -> j.Json:
        before = await self._length(journey)
        answer = await by.post(path, body)
        self._note(name, await self._length(journey) - before)
        return answer

    async def _length(self, journey: str) -> int:
        """The number of events when no more are coming."""
        handle = self._rig.client.get_workflow_handle(f"journey-{journey}")

        async def length() -> int:
            return (await handle.describe()).history_length

        return await _settled(length)

    def _note(self, name: str, added: int) -> None:
        self.highest[name] = max(added, self.highest.get(name, 0))


async def _settled(look: Callable[[], Awaitable[int]]) -> int:
    seen = await look()
    while True:
        await asyncio.sleep(SETTLE_SECONDS)
        again = await look()
        if again == seen:
            return seen
        seen = again
