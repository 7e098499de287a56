"""Many at once, against the same one by one: a bundle of three, forty acknowledgements."""

import asyncio

from bench.contestants import some_at_once
from bench.journeys import RECEIVER, SENDER, bundle, bundled, planned, sent
from bench.load import Call
from bench.rig import Rig

WAITING = 40


class Bundles:
    """Three parts to three receivers, in one call."""

    def __init__(self, rig: Rig) -> None:
        self._sender = rig.caller(SENDER)

    async def prepare(self, count: int) -> list[Call]:
        """Journeys with a plan."""
        made = await some_at_once([planned(self._sender) for _ in range(count)])
        return [self._call(journey) for journey in made]

    def _call(self, journey: str) -> Call:
        async def send() -> None:
            await self._sender.post(f"/journeys/{journey}/handovers", bundle())

        return send


class ThreeSends(Bundles):
    """The same three, one call after the other."""

    def _call(self, journey: str) -> Call:
        async def send() -> None:
            for one in bundled():
                await self._sender.post(f"/journeys/{journey}/handovers", one)

        return send


class Mondays:
    """Forty handovers that wait, acknowledged in one call."""

    def __init__(self, rig: Rig) -> None:
        self._sender, self._receiver = rig.caller(SENDER), rig.caller(RECEIVER)

    async def prepare(self, count: int) -> list[Call]:
        """Forty journeys with a sent handover, for each call."""
        calls = []
        for _ in range(count):
            made = await some_at_once([sent(self._sender) for _ in range(WAITING)])
            calls.append(self._call([handover for _, handover in made]))
        return calls

    def _call(self, handovers: list[str]) -> Call:
        async def acknowledge() -> None:
            answer = await self._receiver.post("/handovers/acknowledge", {"handovers": handovers})
            assert answer["acknowledged"] == WAITING, "each of them was read"

        return acknowledge


class FortyCalls(Mondays):
    """The same forty, a call each, as many at once as one call does by itself."""

    def _call(self, handovers: list[str]) -> Call:
        turns = asyncio.Semaphore(8)

        async def one(handover: str) -> None:
            async with turns:
                await self._receiver.post(f"/handovers/{handover}/acknowledge")

        async def acknowledge() -> None:
            await asyncio.gather(*(one(h) for h in handovers))

        return acknowledge
